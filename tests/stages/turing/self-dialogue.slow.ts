import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { readBlindTest } from '../../../src/artifacts/questions.ts';
import { projectRoot } from '../../../src/files/project-root.ts';
import { contract as train } from '../../../stages/train/contract.ts';
import { contract as turing } from '../../../stages/turing/contract.ts';
import { runStage as runKind, skipWithoutTensorFlow, temporaryFolder } from '../model-kit.ts';
import { runStage } from '../run-data-stage.ts';

/** 20,023 conversations in English, each written by one person who plays both sides. */
const DATA = resolve(projectRoot(), '../shared/data/self-dialogue');
const skip = existsSync(DATA) ? skipWithoutTensorFlow : `${DATA} is not there`;
/** After so few steps, a model knows which tokens are frequent, and that lines end, but nothing else. */
const STEPS = { trained: 3000, untrained: 40 };

const folder = temporaryFolder();
after(folder.remove);

test(
  'programs recognize an untrained model, the n-gram model less, a trained one still less, and real texts not at all',
  { skip },
  async () => {
    const tokens = await writeTokens();
    const checkpoints = Object.fromEntries(
      await Promise.all(Object.entries(STEPS).map(async ([name, steps]) => [name, await trained(name, steps, tokens)])),
    ) as Record<keyof typeof STEPS, string>;
    const { outDir } = await runKind(turing, {
      dir: join(folder.dir, 'test'),
      inputs: { 'held-out': tokens, trained: checkpoints.trained },
      params: { turns: 'asReal', lengthWithin: 0.3, draws: 8, against: ['ngram'], questions: 50, duels: 0 },
    });
    const few = await runKind(turing, {
      dir: join(folder.dir, 'untrained'),
      inputs: { 'held-out': tokens, untrained: checkpoints.untrained, judge: checkpoints.trained },
      params: { turns: 'asReal', lengthWithin: 0.5, draws: 16, against: [], questions: 20, automatic: 60, duels: 0 },
    });
    const { byModel, floors, realAgainstReal } = readBlindTest(outDir).report;
    const likelihood = byModel['trained']!.programs.likelihood;
    const ngram = floors['ngram']!.programs.likelihood;
    assert.ok(likelihood.accuracy <= ngram.accuracy, `${likelihood.accuracy} ${ngram.accuracy}`);
    assert.ok(readBlindTest(few.outDir).report.byModel['untrained']!.programs.surface.accuracy >= 0.95);
    for (const { low, high } of Object.values(realAgainstReal.programs)) assert.ok(low < 0.5 && high > 0.5);
  },
);

async function writeTokens(): Promise<string> {
  const dir = join(folder.dir, 'conversations');
  mkdirSync(dir);
  const files = readdirSync(DATA).filter((file) => file.endsWith('.jsonl'));
  const lines = files.flatMap((file) => readFileSync(join(DATA, file), 'utf8').trim().split('\n'));
  const conversations = lines.map((line, i) => {
    const { id, turns } = JSON.parse(line) as { id: string; turns: string[] };
    const said = turns.map((text) => text.replace(/\s+/g, ' ').trim()).filter((text) => text !== '');
    const messages = said.map((text, j) => ({ from: ['Ann', 'Ben'][j % 2]!, time: i * 1e6 + j * 1000, text }));
    return messages.length === 0 ? '' : `${JSON.stringify({ id, messages })}\n`;
  });
  writeFileSync(join(dir, 'conversations.jsonl'), conversations.join(''));
  const params = { template: '{name}: {text}', validation: 0.02, test: 0.1, leaks: 'allow' };
  return (await runStage('tokenize', folder.dir, { inputs: { conversations: dir }, params })).outDir;
}

async function trained(name: string, steps: number, tokens: string): Promise<string> {
  const { outDir } = await runKind(train, {
    dir: join(folder.dir, name),
    inputs: { chat: tokens },
    params: {
      model: { layers: 6, heads: 6, width: 192, context: 256 },
      schedule: { kind: 'cosine', peak: 2e-3, floor: 2e-4, warmupSteps: 20 },
      steps,
      batchSize: 8,
    },
  });
  return outDir;
}
