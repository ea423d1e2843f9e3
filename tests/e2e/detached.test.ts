import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { mayBeAlive } from '../../src/process/process-mark.ts';
import type { RunRecord } from '../../src/history/record.ts';
import { runJson, runRunner, stagePid, startRunner } from '../kit/runner.ts';
import { eventually, temporaryDir } from '../kit/temporary.ts';

// Stages that run a shell script: quick to start, and they report progress.
const slow = (name: string, tenths: number, from = '') =>
  `  ${name}: { kind: command, params: { argv: [sh, -c, "i=0; while [ $i -lt ${tenths} ]; do i=$((i+1)); echo progress $i/${tenths}; sleep 0.1; done; echo ${name} ${from && '{in:from}'} > {out}/x"] }${from && `, inputs: { from: ${from} }`} }`;

function setting(context: TestContext, ...stages: string[]) {
  const dir = temporaryDir(context);
  const runs = join(dir, 'runs');
  const file = join(dir, 'slow.yaml');
  writeFileSync(file, ['name: slow', 'stages:', ...stages, ''].join('\n'));
  const record = (): RunRecord => JSON.parse(readFileSync(join(runs, 'latest', 'run.json'), 'utf8')) as RunRecord;
  context.after(() => {
    const pid = existsSync(runs) ? stagePid(runs) : null;
    if (pid !== null) process.kill(-pid, 'SIGKILL');
  });
  return { dir, runs, file, record };
}

test('run --detach returns at once and prints the run; attach follows it to its end; errors in the file are shown', async (context) => {
  const { runs, file, record } = setting(context, slow('one', 12), slow('two', 2, 'one'));
  const started = await runRunner(['run', '--detach', file], runs);
  assert.equal(started.code, 0, started.stderr);
  const run = /^(\S+) runs in the background \(process (\d+)\)/.exec(started.stdout);
  assert.ok(run, started.stdout);
  assert.match(started.stdout, new RegExp(`attach ${run[1]}`));
  assert.equal(record().finished, null);
  assert.equal(String(record().runner?.pid), run[2]);
  const attached = await runRunner(['attach', run[1] as string], runs);
  assert.equal(attached.code, 0, attached.stdout);
  for (const line of ['▸ one  started', '✓ one  ran', '✓ two  ran', 'done in'])
    assert.ok(attached.stdout.includes(line), `${line}\n${attached.stdout}`);
  assert.equal(record().ok, true);
  assert.match((await runRunner(['attach'], runs)).stderr, /no run is in progress/);

  writeFileSync(file, 'name: slow\nstagse: {}\n');
  const wrong = await runRunner(['run', '--detach', file], runs);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /unknown key "stagse"/);
});

test('Ctrl-C detaches from an attached run, which continues; `stop` stops it', async (context) => {
  const { runs, file, record } = setting(context, slow('one', 100));
  await runRunner(['run', '--detach', file], runs);
  const attached = startRunner(['attach'], runs);
  await eventually('attach follows the run', () => attached.output().includes('one  started'));
  attached.child.kill('SIGINT');
  assert.equal((await attached.ended).code, 0);
  assert.match(attached.output(), /keeps running; to follow it again: \.\/runner attach/);
  const runner = record().runner;
  assert.ok(runner && mayBeAlive(runner));
  const stopped = await runRunner(['stop'], runs);
  assert.equal(stopped.code, 0, stopped.stderr);
  assert.match(stopped.stdout, /■ one {2}stopped/);
  assert.equal(mayBeAlive(runner), false);
  assert.equal(stagePid(runs), null);
});

test('SIGKILL of the runner: its stage continues, attach says so, and the same command adopts it', async (context) => {
  const { runs, file } = setting(context, slow('one', 40));
  const first = startRunner(['run', file], runs);
  await eventually('the stage is running', () => stagePid(runs) !== null);
  const works = join(runs, 'store', 'work');
  await eventually('it reports progress', () =>
    readdirSync(works).some((work) => existsSync(join(works, work, 'events.jsonl'))),
  );
  const pid = stagePid(runs);
  first.child.kill('SIGKILL');
  await first.ended;
  const attached = await runRunner(['attach'], runs);
  assert.match(attached.stdout, new RegExp(`the runner has died; one \\(process ${pid}\\) is still running`));
  const second = startRunner(['run', file, '--json'], runs);
  const { code, stdout, stderr } = await second.ended;
  assert.equal(code, 0, stderr);
  assert.match(stderr, new RegExp(`process ${pid} of an earlier run is still running this stage; adopted it`));
  assert.equal((JSON.parse(stdout) as { stages: { outcome: string }[] }).stages[0]?.outcome, 'ran');
  assert.equal(
    (
      readFileSync(
        join(runs, 'store', 'keys', readdirSync(join(runs, 'store', 'keys'))[0] as string, 'log.txt'),
        'utf8',
      ).match(/--- attempt of/g) ?? []
    ).length,
    1,
    'one process did all the work',
  );
});

test('closing the terminal stops the run', async (context) => {
  const { runs, file } = setting(context, slow('one', 100));
  const started = startRunner(['run', file], runs);
  await eventually('the stage is running', () => stagePid(runs) !== null);
  started.child.stdout?.destroy();
  started.child.stderr?.destroy();
  started.child.kill('SIGHUP');
  started.child.kill('SIGHUP');
  await eventually('the runner has ended', () => started.child.exitCode !== null);
  assert.equal(started.child.exitCode, 130);
  assert.equal(stagePid(runs), null);
});

test('the plan is frozen: editing the file does not change a running run', async (context) => {
  const { runs, file } = setting(context, slow('one', 8), slow('two', 1, 'one'));
  const started = startRunner(['run', file, '--json'], runs);
  await eventually('the stage is running', () => stagePid(runs) !== null);
  writeFileSync(file, ['name: other', 'stages:', slow('three', 1)].join('\n'));
  const { code, stdout } = await started.ended;
  assert.equal(code, 0);
  const { dir, stages } = JSON.parse(stdout) as { dir: string; stages: { name: string; outcome: string }[] };
  assert.deepEqual(
    stages.map(({ name, outcome }) => `${name} ${outcome}`),
    ['one ran', 'two ran'],
  );
  const again = await runJson([join(dir, 'pipeline.yaml')], runs);
  assert.deepEqual(
    again.stages.map(({ outcome }) => outcome),
    ['cached', 'cached'],
    "the frozen file in the run's folder has the same keys",
  );
});

test('removing the folder of a running run gives one clear message and loses no results', async (context) => {
  const { runs, file } = setting(context, slow('one', 8), slow('two', 1, 'one'));
  const started = startRunner(['run', file], runs);
  await eventually('the stage is running', () => stagePid(runs) !== null);
  for (const name of readdirSync(runs)) if (name.includes('-slow-')) rmSync(join(runs, name), { recursive: true });
  const { code, stdout, stderr } = await started.ended;
  assert.equal(code, 0, stderr);
  assert.equal(stdout.match(/was removed while it was running/g)?.length, 1, stdout);
  assert.match(stdout, /results: in the store[^]*one: [0-9a-f]{64}/);
  assert.equal(
    readdirSync(runs).some((name) => name.includes('-slow-')),
    false,
    'the folder is not recreated',
  );
  assert.deepEqual(
    (await runJson([file], runs)).stages.map(({ outcome }) => outcome),
    ['cached', 'cached'],
  );
});

test('run FILE STAGE runs only that stage and those it depends on', async (context) => {
  const { runs, file } = setting(context, slow('one', 0), slow('two', 0, 'one'), slow('alone', 0));
  assert.deepEqual(
    (await runJson([file, 'two'], runs)).stages.map(({ name, outcome }) => `${name} ${outcome}`),
    ['one ran', 'two ran'],
  );
  const wrong = await runRunner(['run', file, 'tow'], runs);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /no stage "tow"; did you mean "two"\?/);
  const plan = JSON.parse((await runRunner(['plan', file, 'alone', '--json'], runs)).stdout) as {
    stages: { name: string; verdict: string }[];
  };
  assert.deepEqual(
    plan.stages.map(({ name, verdict }) => `${name} ${verdict}`),
    ['alone due'],
  );
});

test('a failed stage shows the end of its log, and the path of the whole log', async (context) => {
  const { runs, file } = setting(
    context,
    '  loud: { kind: command, params: { argv: [sh, -c, "i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo line $i; done; ls {out}; exit 3"] } }',
  );
  const { code, stdout } = await runRunner(['run', file], runs);
  assert.equal(code, 1);
  assert.match(stdout, /✗ loud {2}failed[^]*│ … \d+ earlier lines\n[^]*│ line 300/);
  assert.ok(!stdout.includes('│ line 200\n'));
  const log = /log: (.*log\.txt)/.exec(stdout)?.[1] ?? '';
  assert.match(readFileSync(log, 'utf8'), /^line 1$/m);
});
