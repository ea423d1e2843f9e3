import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { day } from '../../src/cli/screen/estimate-words.ts';
import { runJson, runRunner, writeExport, writePipeline } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';

interface PlanJson {
  stages: {
    name: string;
    estimate?: {
      tokens: number;
      passes: number | null;
      memoryBytes: number;
      seconds: number | null;
      basedOn: { tokensPerSecond: number; measured: string } | null;
    };
  }[];
}

test('plan estimates a training from what a run of the same model measured on this machine', async (context) => {
  const dir = temporaryDir(context);
  const runs = join(dir, 'runs');
  writeExport(join(dir, 'export'), 60);
  const file = writePipeline(join(dir, 'tiny.yaml'), './export');
  const planOf = async (args: string[], env: Record<string, string> = {}) => {
    const { stdout } = await runRunner(['plan', file, '--json', ...args], runs, env);
    return (JSON.parse(stdout) as PlanJson).stages.find(({ name }) => name === 'model')!.estimate;
  };

  const unknown = (await planOf([]))!;
  assert.deepEqual(
    [unknown.tokens, unknown.passes, unknown.seconds, unknown.basedOn],
    [30 * 2 * 32, null, null, null],
    'nothing is tokenized or measured yet',
  );
  assert.match((await runRunner(['plan', file], runs)).stdout, /^ +no speed is known yet on this machine$/m);

  const { dir: run, stages } = await runJson([file], runs);
  assert.equal(await planOf([]), undefined, 'it is cached');
  const twice = (await planOf(['--set', 'stages.model.params.steps=60']))!;
  const metrics = readFileSync(join(run, 'stages', 'model', 'metrics.jsonl'), 'utf8');
  const epoch = metrics
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { name: string; value: number })
    .findLast(({ name }) => name === 'train/epoch')!.value;
  assert.equal(twice.tokens, 2 * unknown.tokens);
  assert.ok(
    Math.abs(twice.passes! / (2 * epoch) - 1) < 0.1,
    `${twice.passes} passes, but ${epoch} in half as many steps`,
  );
  const { key } = stages.find(({ name }) => name === 'model')!;
  const events = readFileSync(join(runs, 'store', 'keys', key!, 'events.jsonl'), 'utf8');
  assert.ok(events.includes(`memory: about ${(twice.memoryBytes / 1e9).toFixed(2)} GB`), 'as the run itself says');
  const { tokensPerSecond, measured } = twice.basedOn!;
  assert.ok(Math.abs(Date.now() - Date.parse(measured)) < 3_600_000);
  // five validations of one to four batches in between, three times as fast
  const training = twice.tokens / tokensPerSecond;
  assert.ok(
    twice.seconds! >= Math.floor(training) && twice.seconds! <= Math.ceil(1.5 * training),
    String(twice.seconds),
  );
  const { stdout } = await runRunner(['plan', file, '--set', 'stages.model.params.steps=60000'], runs);
  assert.match(stdout, new RegExp(`^ +about \\S+ \\w+, based on your run of ${day(Date.parse(measured))}$`, 'm'));
  assert.match(stdout, /^ +3,840,000 tokens, [\d,]+ passes over the text$/m);

  assert.equal((await planOf(['--set', 'stages.model.params.model.width=32']))!.seconds, null, 'another model');
  const steps = ['--set', 'stages.model.params.steps=60'];
  assert.equal((await planOf(steps, { TF_ENABLE_ONEDNN_OPTS: '0' }))!.seconds, null, 'another machine');
});

test('the day of a run has its year if that is another one', () => {
  const noon = (text: string): number => new Date(`${text}T12:00:00`).getTime();
  assert.equal(day(noon('2026-11-30'), noon('2026-12-01')), '30 November');
  assert.equal(day(noon('2025-11-30'), noon('2026-12-01')), '30 November 2025');
});
