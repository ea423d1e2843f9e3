import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { whyNotOn } from '../../src/cli/unsupported-system.ts';
import { projectRoot } from '../../src/files/project-root.ts';
import { temporaryDir } from '../kit/temporary.ts';

test('only Windows is refused', () => {
  assert.match(whyNotOn('win32')!, /Windows itself.*wsl --install.*Docker/);
  for (const platform of ['linux', 'darwin', 'freebsd'] as const) assert.equal(whyNotOn(platform), null);
});

/** Starts commands that believe that they run on another system, with nothing installed and no earlier runs. */
function pretending(context: TestContext, platform: string, arch: string) {
  const dir = temporaryDir(context);
  const pretend = join(dir, 'pretend.cjs');
  const values = `{ platform: { value: '${platform}' }, arch: { value: '${arch}' } }`;
  writeFileSync(pretend, `Object.defineProperties(process, ${values});`);
  const { RUNNER_TENSORFLOW: _, ...environment } = process.env;
  const env = {
    ...environment,
    NODE_OPTIONS: `--require ${pretend}`,
    XDG_CACHE_HOME: dir,
    RUNNER_RUNS: join(dir, 'runs'),
  };
  return (...args: string[]) =>
    spawnSync(process.execPath, [join(projectRoot(), 'dist', 'cli.js'), ...args], { encoding: 'utf8', env });
}

test('on a Mac with an Intel processor, the installation says what to use instead', (context) => {
  const { status, stderr } = pretending(context, 'darwin', 'x64')('setup');
  assert.equal(status, 1);
  assert.match(stderr, /^error there has been no TensorFlow for Macs with Intel processors since 2\.16[^\n]*\n$/);
});

test('on a Mac, stages run and are cached without anything that only Linux has', (context) => {
  const run = pretending(context, 'darwin', 'arm64');
  for (const expected of [/tokens +ran/, /tokens +cached/]) {
    const { status, stdout, stderr } = run('run', 'pipelines/quickstart.yaml', 'tokens');
    assert.equal(status, 0, stderr);
    assert.match(stdout + stderr, expected);
  }
  assert.match(run('ls', '--all').stdout, /quickstart/);
});

test('in Windows itself, a command ends with that message instead of a stack trace; help works', (context) => {
  const run = pretending(context, 'win32', 'x64');
  const { status, stderr } = run('ls');
  assert.equal(status, 1);
  assert.match(stderr, /^error this does not run in Windows itself: [^\n]*\n$/);
  assert.equal(run('help').status, 0);
});
