import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runJson, runRunner } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';

function textPipeline(dir: string, hours = 0): string {
  writeFileSync(join(dir, 'text.txt'), 'one line\nanother\n');
  const path = join(dir, 'p.yaml');
  writeFileSync(
    path,
    `name: p\nstages:\n  chat: { kind: ingest, params: { source: ${join(dir, 'text.txt')}, format: text, splitAfterHours: ${hours} } }\n`,
  );
  return path;
}

test('with a read-only store, plan, ls and cached stages work; a due stage gives one clear error', async (context) => {
  // hooks run in order: the folder must be unmounted before it is removed
  let store = '';
  context.after(() => spawnSync('umount', ['-l', store]));
  const dir = temporaryDir(context);
  const runsDir = join(dir, 'runs');
  store = join(runsDir, 'store');
  await runJson([textPipeline(dir)], runsDir);
  if (
    spawnSync('mount', ['--bind', store, store]).status !== 0 ||
    spawnSync('mount', ['-o', 'remount,bind,ro', store]).status !== 0
  )
    return context.skip('cannot mount here');

  assert.match(
    (await runRunner(['plan', join(dir, 'p.yaml')], runsDir)).stdout,
    /nothing to do: every stage is cached/,
  );
  assert.equal((await runRunner(['ls'], runsDir)).code, 0);
  assert.deepEqual(
    (await runJson([join(dir, 'p.yaml')], runsDir)).stages.map(({ outcome }) => outcome),
    ['cached'],
  );
  const due = await runRunner(['run', textPipeline(dir, 5)], runsDir);
  assert.equal(due.code, 1);
  assert.equal(
    (due.stdout + due.stderr).match(/the store is not writable, so only cached stages can be used/g)?.length,
    1,
    due.stdout + due.stderr,
  );
  assert.doesNotMatch(due.stdout + due.stderr, /\n\s+at /, 'no stack');
  const gc = await runRunner(['gc', '--yes'], runsDir);
  assert.deepEqual([gc.code, /the store is not writable/.test(gc.stderr)], [1, true]);
  assert.equal((await runRunner(['verify'], runsDir)).code, 0);
});

test('verify, gc and doctor on the command line, and their JSON', async (context) => {
  const dir = temporaryDir(context);
  const runsDir = join(dir, 'runs');
  const { stages } = await runJson([textPipeline(dir)], runsDir);
  const artifact = join(runsDir, 'store', 'artifacts', stages[0]!.artifact!);
  const json = async (...args: string[]) =>
    JSON.parse((await runRunner([...args, '--json'], runsDir)).stdout) as Record<string, any>;
  assert.deepEqual((await json('verify'))['damages'], []);
  const file = join(artifact, readdirSync(artifact)[0]!);
  const bytes = readFileSync(file);
  bytes[0]! ^= 1;
  chmodSync(file, 0o644);
  writeFileSync(file, bytes);
  const found = await runRunner(['verify'], runsDir);
  assert.equal(found.code, 1);
  assert.match(found.stdout, new RegExp(`artifacts/${stages[0]!.artifact}/.* was changed`));
  assert.equal((await json('verify', '--repair'))['damages'].length, 1);
  assert.ok(!existsSync(artifact));
  assert.deepEqual(
    (await runJson([join(dir, 'p.yaml')], runsDir)).stages.map(({ outcome }) => outcome),
    ['ran'],
  );

  const dry = await json('gc', '--keep', '1');
  assert.deepEqual([dry['dry'], dry['entries'], dry['runs']], [true, [], { holding: 1, letGo: 1 }]);
  assert.match(
    (await runRunner(['gc', '--keep', '1'], runsDir)).stdout,
    /nothing to delete: the results of the last hour are always kept/,
  );
  assert.match((await runRunner(['gc', '--kepe', '1'], runsDir)).stderr, /no flag --kepe; did you mean --keep\?/);
  assert.match(
    (await runRunner(['gc', '--max-size', 'big'], runsDir)).stderr,
    /--max-size takes a value like 50GB.*, not "big"/,
  );
  assert.match((await runRunner(['gc', '--empty-trash'], runsDir)).stdout, /the trash is empty: .* freed/);

  const limited = await runRunner(['run', textPipeline(dir, 7)], runsDir, { RUNNER_STORE_LIMIT: '100B' });
  assert.deepEqual(
    [limited.code, /would exceed RUNNER_STORE_LIMIT, 100 B/.test(limited.stderr)],
    [1, true],
    limited.stderr,
  );
  mkdirSync(join(dir, 'empty'));
  const doctor = JSON.parse(
    (
      await runRunner(['doctor', '--json'], runsDir, {
        PATH: join(dir, 'empty'),
        XDG_CACHE_HOME: join(dir, 'empty'),
        RUNNER_TENSORFLOW: '',
      })
    ).stdout,
  ) as { ok: boolean; findings: { name: string; state: string; todo: string | null }[] };
  assert.deepEqual(
    doctor.findings.map(({ name }) => name),
    ['node', 'processor', 'memory', 'disk', 'clock', 'python', 'tensorflow', 'mlflow', 'store', 'stale work'],
  );
  for (const name of ['python', 'tensorflow', 'mlflow'])
    assert.equal(doctor.findings.find((finding) => finding.name === name)?.state, 'warn', name);
  for (const { state, todo } of doctor.findings) assert.ok(state === 'ok' || todo !== null);
});
