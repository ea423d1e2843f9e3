import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { projectRoot } from '../../../src/files/project-root.ts';
import { temporaryDir } from '../../kit/temporary.ts';

const cli = join(projectRoot(), 'dist', 'cli.js');

function project(context: TestContext, settings: string) {
  const dir = realpathSync(temporaryDir(context));
  writeFileSync(join(dir, 'runner.yaml'), settings);
  writeFileSync(
    join(dir, 'notes.yaml'),
    "name: notes\nstages:\n  made: { kind: command, params: { argv: [sh, -c, 'echo x > $0/x; exit $1', '{out}', '0'] } }\n",
  );
  const { RUNNER_RUNS: _, ...inherited } = process.env;
  const run = (args: string[] = [], env: Record<string, string> = {}) => {
    const options = { cwd: dir, env: { ...inherited, NO_COLOR: '1', ...env }, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'run', 'notes.yaml', ...args], options);
    return { status, output: stdout + stderr };
  };
  const told = (): string => (existsSync(join(dir, 'told')) ? readFileSync(join(dir, 'told'), 'utf8') : '');
  return { dir, run, told };
}

const fails = ['--set', "stages.made.params.argv=[sh, -c, 'exit $1', '{out}', '3']"];

test('a command is told how a run has ended, but not of a run in which everything was cached', (context) => {
  const { run, told } = project(context, `notify: [sh, -c, 'printf "%s\\n" "$0" >> told', "run: {text}"]\n`);
  assert.equal(run().status, 0);
  assert.match(told(), /^run: notes-[0-9a-f]{4} is done after [\d.]+ s\n$/);
  assert.equal(run().status, 0);
  assert.equal(told().split('\n').length, 2);
  assert.equal(run(fails).status, 1);
  assert.match(told(), /\nrun: notes-[0-9a-f]{4} is not done after [\d.]+ s\n$/);
});

test('a notification that fails is a warning, and the run is done all the same', (context) => {
  const { run } = project(context, 'notify: [no-such-program, "{text}"]\n');
  const { status, output } = run();
  assert.equal(status, 0);
  assert.match(output, /! no notification: no-such-program: it is not on the PATH\n$/);
  const refused = project(context, "notify: [sh, -c, 'echo refused >&2; exit 4']\n").run();
  assert.deepEqual([refused.status, refused.output.endsWith('! no notification: sh: refused\n')], [0, true]);
});

test('notify: desktop calls notify-send', { skip: process.platform !== 'linux' && 'needs Linux' }, (context) => {
  const { dir, run, told } = project(context, 'notify: desktop\n');
  mkdirSync(join(dir, 'bin'));
  writeFileSync(join(dir, 'bin', 'notify-send'), '#!/bin/sh\nprintf "%s|%s" "$1" "$2" > told\n');
  chmodSync(join(dir, 'bin', 'notify-send'), 0o755);
  assert.equal(run([], { PATH: `${join(dir, 'bin')}:${process.env['PATH']}` }).status, 0);
  assert.match(told(), /^chat-runner\|notes-[0-9a-f]{4} is done after [\d.]+ s$/);
});

test('another value of notify is refused, with its place', (context) => {
  const { run } = project(context, 'notify: loudly\n');
  const { status, output } = run();
  assert.equal(status, 2);
  assert.match(output, /^runner\.yaml:1:9 error /);
});
