import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { RunEvent } from '../../src/pipeline/events.ts';
import { mayBeAlive, markOf } from '../../src/process/process-mark.ts';
import { EXIT } from '../../src/store/spec.ts';
import { artifactDir, openStore } from '../../src/store/store.ts';
import { countStage, execute, openSession } from '../kit/execute.ts';
import { eventually, temporaryDir } from '../kit/temporary.ts';

const runnerPath = fileURLToPath(new URL('../kit/runner-of-one.process.js', import.meta.url));
const TO = 60;

function setting(context: TestContext) {
  const dir = temporaryDir(context);
  const store = openStore(join(dir, 'store'));
  const witness = join(dir, 'witness');
  const runners: ChildProcess[] = [];
  const starts = () =>
    existsSync(witness)
      ? readFileSync(witness, 'utf8')
          .split('\n')
          .filter((line) => line.startsWith('start '))
          .map((line) => Number(line.split(' ')[1]))
      : [];
  context.after(() => {
    for (const runner of runners) runner.kill('SIGKILL');
    for (const pid of starts()) if (mayBeAlive(markOf(pid))) process.kill(pid, 'SIGKILL');
  });
  return {
    store,
    starts,
    startRunner(): ChildProcess {
      const runner = fork(runnerPath, [store.dir, witness, String(TO), '30']);
      runners.push(runner);
      return runner;
    },
    runHere: () => execute(openSession(store), [countStage('long', { to: TO, ms: 30, witness })]),
  };
}

const steps = (events: RunEvent[]) =>
  events.flatMap((event) => (event.kind === 'stage-event' && event.event.kind === 'metric' ? [event.event.step] : []));
const notes = (events: RunEvent[]) =>
  events
    .flatMap((event) => (event.kind === 'stage-event' && event.event.kind === 'note' ? [event.event.text] : []))
    .join('\n');
const everyStep = Array.from({ length: TO }, (_, index) => index + 1);

async function killed(runner: ChildProcess): Promise<void> {
  runner.kill('SIGKILL');
  if (runner.exitCode === null && runner.signalCode === null) await once(runner, 'exit');
}

test('a stage survives its killed runner; the next runner adopts it, so one process does all the work', async (context) => {
  const { store, startRunner, starts, runHere } = setting(context);
  const first = startRunner();
  await eventually('the stage is running', () => starts().length === 1);
  await killed(first);
  const second = runHere();
  const [result] = await second.results;
  assert.equal(result?.outcome, 'ran');
  assert.equal(starts().length, 1, 'exactly one process');
  assert.match(
    notes(second.events),
    new RegExp(`process ${starts()[0]} of an earlier run is still running this stage; adopted it`),
  );
  assert.deepEqual(steps(second.events), everyStep, 'every step is reported once');
  assert.equal(readFileSync(join(artifactDir(store, result?.artifact as never), 'count.txt'), 'utf8'), `${TO}\n`);
});

test('stopping the new runner reaches the adopted stage: it saves and stops, and the next run resumes', async (context) => {
  const { startRunner, starts, runHere } = setting(context);
  const first = startRunner();
  await eventually('the stage is running', () => starts().length === 1);
  await killed(first);
  const second = runHere();
  await eventually('the second run follows it', () => steps(second.events).length > 3);
  second.stop.abort();
  assert.equal((await second.results)[0]?.outcome, 'stopped');
  assert.equal(mayBeAlive(markOf(starts()[0] as number)), false);
  assert.equal((await runHere().results)[0]?.outcome, 'resumed');
  assert.equal(starts().length, 2);
});

test(
  'after killing the stage, the runner or both at random: nothing is lost or computed twice, and the bytes are identical',
  { timeout: 120_000 },
  async (context) => {
    const undisturbed = setting(context);
    const [expected] = await undisturbed.runHere().results;
    const { startRunner, starts, runHere } = setting(context);
    let stageKills = 0;
    for (let round = 0; round < 6; round++) {
      const runner = startRunner();
      await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 350));
      const stage = starts().at(-1);
      const what = ['runner', 'stage', 'both'][Math.floor(Math.random() * 3)];
      if (what !== 'stage') await killed(runner);
      if (what !== 'runner' && stage !== undefined && mayBeAlive(markOf(stage))) {
        process.kill(stage, 'SIGKILL');
        stageKills++;
      }
      if (what === 'stage' && runner.exitCode === null && runner.signalCode === null) await once(runner, 'exit');
    }
    const last = runHere();
    const [result] = await last.results;
    assert.match(result?.outcome ?? '', /ran|resumed|cached/);
    assert.equal(result?.artifact, expected?.artifact);
    assert.ok(starts().length <= stageKills + 1, `${starts().length} processes started, ${stageKills} killed`);
    assert.deepEqual([...new Set(steps(last.events))], everyStep, 'every step is reported');
  },
);

test('a stage process changes nothing and exits as busy if another process is working on its key', async (context) => {
  const { store, runHere } = setting(context);
  const run = runHere();
  await eventually('the first process is running', () => steps(run.events).length > 0);
  const work = join(store.dir, 'work', readdirSync(join(store.dir, 'work'))[0] as string);
  const second = fork(fileURLToPath(new URL('../kit/count-stage.process.js', import.meta.url)), [
    'exec-stage',
    join(work, 'spec.json'),
  ]);
  const [code] = (await once(second, 'exit')) as [number];
  assert.equal(code, EXIT.busy);
  assert.equal(existsSync(join(work, 'failure.json')), false);
  assert.equal((await run.results)[0]?.outcome, 'ran');
});
