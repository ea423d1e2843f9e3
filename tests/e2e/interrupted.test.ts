import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import { finishedStore } from '../kit/finished-run.ts';
import { runJson, sha256, stagePid, startRunner, writeExport, writePipeline } from '../kit/runner.ts';
import type { RunJson, Started } from '../kit/runner.ts';
import { eventually, temporaryDir } from '../kit/temporary.ts';
import type { TestContext } from 'node:test';

const STEPS = 90;
/** Longer than the usual one, so that there is time to interrupt it, but of a smaller model. */
const TRAINING = { 'steps: 30': `steps: ${STEPS}`, 'width: 16, context: 32': 'width: 8, context: 16' };

/** A pipeline in which only the training and the stages after it are due. */
async function tiny(context: TestContext) {
  const { dir, runs } = await finishedStore(context);
  const file = writePipeline(join(dir, 'tiny.yaml'), './export', TRAINING);
  return { dir, file, runs };
}

const scratch = mkdtempSync(join(tmpdir(), 'undisturbed-'));
let undisturbed: RunJson;
before(async () => {
  writeExport(join(scratch, 'export'));
  const file = writePipeline(join(scratch, 'tiny.yaml'), './export', TRAINING);
  undisturbed = await runJson([file, 'model'], join(scratch, 'runs'));
});
after(() => rmSync(scratch, { recursive: true, force: true }));

/** The latest step that the running train stage has reported. */
function stepReached(runs: string): number {
  const works = existsSync(join(runs, 'store', 'work')) ? readdirSync(join(runs, 'store', 'work')) : [];
  const steps = works.flatMap((work) => {
    const path = join(runs, 'store', 'work', work, 'events.jsonl');
    return existsSync(path)
      ? [...readFileSync(path, 'utf8').matchAll(/"name":"train\/loss","?.*?|"step":(\d+)/g)].flatMap((match) =>
          match[1] ? [Number(match[1])] : [],
        )
      : [];
  });
  return Math.max(0, ...steps);
}

const modelOf = (run: RunJson): string => join(run.dir, 'stages', 'model');

async function assertAllEnded(started: Started, runs: string): Promise<void> {
  await eventually('no stage process is left', () => stagePid(runs) === null);
  assert.ok(started.child.exitCode !== null || started.child.signalCode !== null);
}

test(
  'a training killed with SIGKILL three times at random ends with bytes identical to an undisturbed run',
  { timeout: 180_000 },
  async (context) => {
    const { file, runs } = await tiny(context);
    let kills = 0;
    while (kills < 3) {
      const started = startRunner(['run', file, 'model'], runs);
      const killStep = 5 + Math.floor(Math.random() * 12) + kills * 18;
      await eventually(
        `step ${killStep}`,
        () => stepReached(runs) >= killStep || started.child.exitCode !== null,
        60_000,
      );
      const pid = stagePid(runs);
      assert.ok(pid, `no stage is running:\n${started.output()}`);
      process.kill(pid, 'SIGKILL');
      const { code, stdout } = await started.ended;
      assert.equal(code, 1, stdout);
      assert.match(stdout, /✗ model +failed/);
      kills++;
    }
    const resumed = await runJson([file, 'model'], runs);
    const model = resumed.stages.find(({ name }) => name === 'model');
    assert.equal(model?.outcome, 'resumed');
    assert.ok((model.resumedAt ?? 0) >= 5);
    for (const which of ['final', 'best'])
      assert.equal(
        sha256(join(modelOf(resumed), which, 'model.safetensors')),
        sha256(join(modelOf(undisturbed), which, 'model.safetensors')),
        which,
      );
    assert.equal(
      readFileSync(join(modelOf(resumed), 'metrics.jsonl'), 'utf8'),
      readFileSync(join(modelOf(undisturbed), 'metrics.jsonl'), 'utf8'),
    );
    assert.equal(
      model.artifact,
      undisturbed.stages.find(({ name }) => name === 'model')?.artifact,
      'the whole artifact is the same',
    );
  },
);

test(
  'Ctrl-C: the stage saves, the runner prints how to resume and exits with 130; the next run resumes',
  { timeout: 120_000 },
  async (context) => {
    const { file, runs } = await tiny(context);
    const started = startRunner(['run', file, 'model'], runs);
    await eventually('ten steps', () => stepReached(runs) >= 10, 60_000);
    started.child.kill('SIGINT');
    const { code, stdout } = await started.ended;
    assert.equal(code, 130, stdout);
    assert.match(stdout, /stopping: running stages save their state first/);
    assert.match(stdout, /■ model +stopped/);
    assert.match(stdout, /to continue: .*run .*tiny\.yaml/);
    await assertAllEnded(started, runs);
    const resumed = await runJson([file, 'model'], runs);
    const model = resumed.stages.find(({ name }) => name === 'model');
    assert.ok(model?.outcome === 'resumed' && (model.resumedAt ?? 0) >= 10, JSON.stringify(model));
  },
);

test('a second Ctrl-C stops the run at once', { timeout: 120_000 }, async (context) => {
  const { file, runs } = await tiny(context);
  const started = startRunner(['run', file, 'model'], runs);
  await eventually('ten steps', () => stepReached(runs) >= 10, 60_000);
  const pid = stagePid(runs);
  assert.ok(pid);
  process.kill(pid, 'SIGSTOP'); // a stage that does not respond
  started.child.kill('SIGINT');
  await eventually('the first one is acknowledged', () => started.output().includes('press Ctrl-C again'));
  await sleep(100); // two signals within milliseconds are one key press
  started.child.kill('SIGINT');
  const { code, stdout } = await started.ended;
  assert.equal(code, 130, stdout);
  await assertAllEnded(started, runs);
  assert.equal((await runJson([file, 'model'], runs)).ok, true);
});

test(
  'SIGKILL of the runner: the training continues, the next run adopts it, and the artifact is that of an undisturbed run',
  { timeout: 180_000 },
  async (context) => {
    const { file, runs } = await tiny(context);
    const started = startRunner(['run', file, 'model'], runs);
    await eventually('ten steps', () => stepReached(runs) >= 10, 60_000);
    const pid = stagePid(runs);
    started.child.kill('SIGKILL');
    await started.ended;
    const next = startRunner(['run', file, 'model', '--json'], runs);
    const { code, stdout, stderr } = await next.ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`model +process ${pid} of an earlier run is still running this stage; adopted it`));
    const model = (JSON.parse(stdout) as RunJson).stages.find(({ name }) => name === 'model');
    assert.equal(model?.outcome, 'ran', 'no step was computed twice');
    assert.equal(model.artifact, undisturbed.stages.find(({ name }) => name === 'model')?.artifact);
    await assertAllEnded(started, runs);
  },
);

test(
  'SIGUSR1 to the runner: the training saves and continues; a stage that cannot save ignores it',
  { timeout: 120_000 },
  async (context) => {
    const dir = temporaryDir(context);
    const runs = join(dir, 'runs');
    writeExport(join(dir, 'export'));
    const file = writePipeline(join(dir, 'rare.yaml'), './export', {
      ...TRAINING,
      'checkpointEvery: 5': 'checkpointEvery: 100000',
    });
    const started = startRunner(['run', file, '--json'], runs);
    await eventually('the first stage is running', () => stagePid(runs) !== null, 30_000);
    started.child.kill('SIGUSR1');
    await eventually('ten steps', () => stepReached(runs) >= 10, 60_000);
    started.child.kill('SIGUSR1');
    const checkpoints = (): string[] =>
      readdirSync(join(runs, 'store', 'work')).flatMap((work) => {
        const dir = join(runs, 'store', 'work', work, 'scratch', 'checkpoints');
        return existsSync(dir) ? readdirSync(dir).filter((name) => /^step-\d+$/.test(name)) : [];
      });
    await eventually('a checkpoint outside of the interval', () => checkpoints().length === 1);
    const { code, stdout, stderr } = await started.ended;
    assert.equal(code, 0, stderr);
    assert.ok(
      (JSON.parse(stdout) as RunJson).stages.every(({ outcome }) => outcome === 'ran'),
      stdout,
    );
  },
);
