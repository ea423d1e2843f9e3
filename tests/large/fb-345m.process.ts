import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { publishedWeights } from '../../src/artifacts/given-weights/published-weights.ts';
import { openWeightsFolder } from '../../src/artifacts/given-weights/weights-folder.ts';
import { modelFormat } from '../../src/lm/model/layouts.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { projectRoot } from '../../src/files/project-root.ts';
import { stagePid, startRunner, writeExport } from '../kit/runner.ts';
import type { RunJson } from '../kit/runner.ts';
import { writeOpenAiFolder } from '../kit/tensorflow-checkpoint.ts';

// Runs pipelines/fb-345m.yaml for a few steps: train, sample and evaluate, with 355M weights in OpenAI's format, which
// this test writes.
const dir = mkdtempSync(join(tmpdir(), 'chat-runner-large-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const model = { vocabularySize: 50257, context: 1024, ...publishedWeights('345M').model };
const weights = join(dir, 'weights', 'gpt2-355M');
const runs = join(dir, 'runs');
const steps = Number(process.env['RUNNER_LARGE_STEPS'] ?? 2);
const skip =
  freemem() > 14e9 ? false : `needs 14 GB of free memory, but only ${(freemem() / 1e9).toFixed(1)} GB are free`;

/** Weights with the spread of GPT-2's initial ones, but uniform instead of normal, which is faster to draw. */
function uniformWeight(name: string, shape: number[]): Float32Array {
  const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
  if (name.endsWith('.bias')) return values;
  if (shape.length === 1) return values.fill(1);
  const width = (name.endsWith('.c_proj.weight') ? 0.02 / Math.sqrt(2 * model.layers) : 0.02) * Math.sqrt(12);
  let state = [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 1) || 1;
  for (let i = 0; i < values.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values[i] = (width * state) / 2 ** 32;
  }
  return values;
}

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

test('writes, finds, reads and checks a checkpoint of 355M weights in the published format', { skip }, () => {
  const began = performance.now();
  writeOpenAiFolder(weights, model, uniformWeight);
  const written = performance.now();
  const folder = openWeightsFolder(weights, modelFormat);
  assert.deepEqual(folder.model, model);
  let count = 0;
  for (const name of Object.keys(weightShapes(model))) count += folder.read(name).length;
  folder.close();
  assert.equal(count, 354_823_168);
  console.error(
    `wrote it in ${((written - began) / 1000).toFixed(1)} s, read it and checked every CRC in ${seconds(written)}`,
  );
});

test('runs fb-345m.yaml: trains, samples and evaluates; a second run finds everything cached', { skip }, async () => {
  writeExport(join(dir, 'export'), 1500);
  const turns = Array.from(
    { length: 60 * 40 },
    (_, i) =>
      `40,${Math.floor(i / 40)}.tsv,${new Date(1.2e12 + 60_000 * i).toISOString()},${i % 2 ? 'dan' : 'eve'},,package ${Math.floor(i / 40)} needs step ${i % 40}\n`,
  );
  writeFileSync(join(dir, 'dialogueText.csv'), `folder,dialogueID,date,from,to,text\n${turns.join('')}`);
  const sets = {
    'chat.params.source': join(dir, 'export'),
    'ubuntu.params.source': join(dir, 'dialogueText.csv'),
    'model.params.steps': steps,
    'model.params.validationBatches': 1,
    'samples.params.samplesPerPrompt': 1,
    'samples.params.maxNewTokens': 8,
  };
  const args = [
    join(projectRoot(), 'pipelines', 'fb-345m.yaml'),
    ...Object.entries(sets).map(([path, value]) => `--set=stages.${path}=${value}`),
  ];
  const env = { RUNNER_WEIGHTS: join(dir, 'weights') };
  const run = startRunner(['run', ...args, '--json'], runs, env);
  const peaks: number[] = [];
  const watch = setInterval(() => peaks.push(peakOf(stagePid(runs))), 250);
  const { code, stdout, stderr } = await run.ended;
  clearInterval(watch);
  assert.equal(code, 0, stderr);
  const result = JSON.parse(stdout) as RunJson;
  for (const { name, outcome, seconds: took } of result.stages)
    console.error(`${name}: ${outcome} in ${took.toFixed(1)} s`);
  console.error(`peak memory of the largest stage: ${(Math.max(...peaks) / 1e9).toFixed(2)} GB resident`);
  assert.ok(result.stages.every(({ outcome }) => outcome === 'ran'));

  const metrics = readFileSync(join(result.dir, 'stages', 'model', 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: number; name: string; value: number });
  const losses = metrics.filter(({ name }) => name === 'train/loss').map(({ value }) => value);
  console.error(`losses: ${losses.join(' ')}`);
  assert.equal(losses.length, steps);
  assert.ok(Math.abs(losses[0]! - Math.log(50257)) < 0.5, 'random weights know nothing');
  const report = JSON.parse(readFileSync(join(result.dir, 'stages', 'report', 'report.json'), 'utf8')) as {
    loss: number;
    baseline: { loss: number };
  };
  assert.ok(report.loss < report.baseline.loss, `${report.loss} after training, ${report.baseline.loss} before`);
  assert.equal(
    readFileSync(join(result.dir, 'stages', 'samples', 'samples.jsonl'), 'utf8')
      .trim()
      .split('\n').length,
    1,
  );

  const again = startRunner(['run', ...args, '--json'], runs, env);
  const { stages } = JSON.parse((await again.ended).stdout) as RunJson;
  assert.ok(stages.every(({ outcome }) => outcome === 'cached'));
});

/** Peak resident memory of a process so far, in bytes. */
function peakOf(pid: number | null): number {
  try {
    return 1024 * Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // it has just ended
  }
}
