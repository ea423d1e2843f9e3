import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { projectRoot } from '../../src/files/project-root.ts';
import { runProgram } from '../../src/process/program.ts';
import { isolationFault } from '../../stages/command/isolate/isolated.ts';
import { runJson } from '../kit/runner.ts';
import type { RunJson } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';

const fault = isolationFault();
const asRoot = process.getuid?.() === 0 && existsSync('/usr/bin/setpriv') ? false : 'needs root and setpriv';
const needs = (...reasons: (string | null | false)[]) => ({ skip: reasons.find(Boolean) ?? false, timeout: 60_000 });

/** A stage whose program copies a declared file, and, if it can find it, one that its folder name hides from the plan. */
function pipelineOf(context: TestContext) {
  const dir = temporaryDir(context);
  const [file, runs] = [join(dir, 'p.yaml'), join(dir, 'runs')];
  mkdirSync(runs);
  for (const name of ['declared', 'hidden']) writeFileSync(join(dir, name), `${name}\n`);
  writeFileSync(
    file,
    `name: p
stages:
  work:
    kind: command
    params:
      argv: [sh, -c, 'cat "$1" > "$0/x"; cat "$2"/hid* >> "$0/x" 2>/dev/null; true', "{out}", ./declared, ${JSON.stringify(dir)}]
      data: [./declared]
`,
  );
  return { dir, file, runs };
}

const madeBy = (runs: string, { stages: [stage] }: RunJson): string =>
  readFileSync(join(runs, 'store', 'artifacts', String(stage!.artifact), 'x'), 'utf8');
const ISOLATE = ['--set', 'stages.work.params.isolate=true'];

/** The runner, started through `setpriv`. */
const runWith = (setpriv: string[], args: string[], runs: string) =>
  runProgram('setpriv', [...setpriv, process.execPath, join(projectRoot(), 'dist', 'cli.js'), ...args], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/tmp', RUNNER_RUNS: runs, NO_COLOR: '1' },
  });

test(
  '`isolate` is part of the key: what was made without it is not taken for isolated',
  needs(fault),
  async (context) => {
    const { file, runs } = pipelineOf(context);
    const open = await runJson([file], runs);
    assert.equal(madeBy(runs, open), 'declared\nhidden\n');
    const isolated = await runJson([file, ...ISOLATE], runs);
    assert.deepEqual([isolated.stages[0]!.outcome, madeBy(runs, isolated)], ['ran', 'declared\n']);
    assert.equal((await runJson([file], runs)).stages[0]!.outcome, 'cached');
  },
);

test('it needs no root', needs(fault, asRoot), async (context) => {
  const { dir, file, runs } = pipelineOf(context);
  for (const path of [dir, runs]) chmodSync(path, 0o777);
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups'];
  const { exitCode, stdout, stderr } = await runWith(nobody, ['run', file, ...ISOLATE, '--json'], runs);
  assert.equal(exitCode, 0, stderr);
  assert.equal(madeBy(runs, JSON.parse(stdout) as RunJson), 'declared\n');
});

test('where the kernel refuses, that is an error before anything runs', needs(asRoot), async (context) => {
  const { file, runs } = pipelineOf(context);
  const weak = ['--bounding-set=-sys_admin', '--inh-caps=-sys_admin'];
  for (const verb of ['plan', 'run']) {
    const { exitCode, stdout, stderr } = await runWith(weak, [verb, file, ...ISOLATE], runs);
    assert.match(
      stdout + stderr,
      /this machine cannot isolate a program: unshare: unshare failed: Operation not permitted/,
      verb,
    );
    if (verb === 'run') assert.equal(exitCode, 2);
  }
  assert.equal(existsSync(join(runs, 'store', 'work')) && existsSync(join(runs, 'latest')), false);
  assert.equal((await runWith(weak, ['run', file], runs)).exitCode, 0, 'without `isolate` it runs');
});
