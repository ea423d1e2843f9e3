import assert from 'node:assert/strict';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { finishedRun } from '../kit/finished-run.ts';
import { runJson, runRunner, writeExport, writePipeline } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';

test('runs five kinds of stages, then uses the cache, then reruns only what a changed param affects', async (context) => {
  const { dir, file, runs, first } = await finishedRun(context);
  assert.deepEqual(
    first.stages.map(({ name, kind, outcome }) => [name, kind, outcome]),
    [
      ['chat', 'ingest', 'ran'],
      ['tokens', 'tokenize', 'ran'],
      ['model', 'train', 'ran'],
      ['samples', 'sample', 'ran'],
      ['report', 'evaluate', 'ran'],
    ],
  );
  for (const { key, artifact, seconds } of first.stages)
    assert.ok(/^[0-9a-f]{64}$/.test(key ?? '') && /^[0-9a-f]{64}$/.test(artifact ?? '') && seconds >= 0);
  assert.equal(readlinkSync(join(runs, 'latest')), first.run);
  const fileText = (path: string): string => readFileSync(join(runs, 'latest', 'stages', path), 'utf8');

  const ingested = JSON.parse(fileText('chat/report.json')) as Record<string, unknown>;
  assert.deepEqual(
    [ingested['conversations'], ingested['messages'], ingested['people'], ingested['dropped']],
    [2, 480, 3, {}],
  );
  const metrics = fileText('model/metrics.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: number; name: string; value: number });
  const losses = metrics.filter(({ name }) => name === 'eval/loss').map(({ value }) => value);
  assert.ok(
    losses.length === 4 && (losses.at(-1) ?? 99) < (losses[0] ?? 0) - 1,
    `validation loss falls: ${losses.join(' ')}`,
  );
  for (const name of ['model.safetensors', 'config.json', 'vocab.json', 'merges.txt'])
    for (const which of ['final', 'best']) assert.ok(existsSync(join(runs, 'latest', 'stages', 'model', which, name)));
  for (const line of fileText('samples/samples.jsonl').trim().split('\n'))
    for (const field of ['prompt', 'text', 'tokens', 'seed', 'settings'])
      assert.ok(field in (JSON.parse(line) as object), field);
  const report = JSON.parse(fileText('report/report.json')) as {
    loss: number;
    perplexity: number;
    bitsPerByte: number;
    tokens: number;
    baseline: { loss: number };
  };
  assert.ok(Math.abs(Math.exp(report.loss) - report.perplexity) < 1e-6 * report.perplexity);
  assert.ok(report.baseline.loss > report.loss && Math.abs(report.baseline.loss - Math.log(50257)) < 0.5);

  const again = await runJson([file], runs);
  assert.deepEqual(
    again.stages.map(({ outcome, artifact }) => [outcome, artifact]),
    first.stages.map(({ artifact }) => ['cached', artifact]),
  );

  const changed = '--set=stages.model.params.schedule.peak=0.02';
  const plan = JSON.parse((await runRunner(['plan', file, '--json', changed], runs)).stdout) as {
    pipeline: string;
    stages: { verdict: string; reasons: string[] }[];
  };
  assert.deepEqual(
    plan.stages.map(({ verdict, reasons }) => [verdict, reasons]),
    [
      ['cached', []],
      ['cached', []],
      ['due', ['params.schedule.peak: 0.01 → 0.02']],
      ['waits', ['waits for model']],
      ['waits', ['waits for model']],
    ],
  );
  const other = await runJson([file, changed], runs);
  assert.deepEqual(
    other.stages.map(({ outcome }) => outcome),
    ['cached', 'cached', 'ran', 'ran', 'ran'],
  );

  // The resolved YAML of a run is a pipeline again: the same keys.
  const resolved = await runJson(
    [join(first.dir, 'pipeline.yaml'), `--set=stages.chat.params.source=${join(dir, 'export')}`],
    runs,
  );
  assert.deepEqual(
    resolved.stages.map(({ outcome, key }) => [outcome, key]),
    first.stages.map(({ key }) => ['cached', key]),
  );
});

test('the same pipeline in another folder, with the source moved and stages renamed, has the same keys and bytes', async (context) => {
  const { first: one } = await finishedRun(context);
  const dir = temporaryDir(context);
  writeExport(join(dir, 'b', 'moved'));
  const two = await runJson(
    [
      writePipeline(join(dir, 'b', 'q.yaml'), './moved', {
        '  chat: {': '  talk: {',
        'conversations: chat': 'conversations: talk',
      }),
    ],
    join(dir, 'runs-b'),
  );
  assert.deepEqual(
    two.stages.map(({ key, artifact }) => [key, artifact]),
    one.stages.map(({ key, artifact }) => [key, artifact]),
  );
});

test('a sweep computes common stages once and the others for each point', async (context) => {
  const dir = temporaryDir(context);
  writeExport(join(dir, 'export'));
  const file = writePipeline(join(dir, 'sweep.yaml'), './export', {
    'seed: 3': 'seed: 3\nsweep: { stages.model.params.schedule.peak: [0.01, 0.02] }',
    'steps: 30': 'steps: 6',
  });
  const { code, stdout, stderr } = await runRunner(['run', file, '--json'], join(dir, 'runs'));
  assert.equal(code, 0, stderr);
  const json = JSON.parse(stdout) as { sweep: string; ok: boolean; runs: { stages: { outcome: string }[] }[] };
  assert.ok(json.ok && /^tiny-[0-9a-f]{6}$/.test(json.sweep));
  assert.deepEqual(
    json.runs.map(({ stages }) => stages.map(({ outcome }) => outcome).join(' ')),
    ['ran ran ran ran ran', 'cached cached ran ran ran'],
  );
});
