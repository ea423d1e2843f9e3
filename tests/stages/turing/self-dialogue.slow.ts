import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { readBlindTest, type QuestionsReport } from '../../../src/artifacts/questions.ts';
import { openTokens } from '../../../src/artifacts/tokens/tokens.ts';
import { projectRoot } from '../../../src/files/project-root.ts';
import { trainNgram } from '../../../src/ngram/train-ngram.ts';
import { contract as evaluate } from '../../../stages/evaluate/contract.ts';
import { contract as train } from '../../../stages/train/contract.ts';
import { contract as turing } from '../../../stages/turing/contract.ts';
import { metricsOf, runStage as runKind, skipWithoutTensorFlow, temporaryFolder } from '../model-kit.ts';
import { runStage } from '../run-data-stage.ts';
import { judgedWithForcedLines } from './untrained-kit.ts';

/** 20,023 conversations in English, each written by one person who plays both sides. */
const DATA = resolve(projectRoot(), '../shared/data/self-dialogue');

const MODEL = { layers: 6, heads: 4, width: 128, context: 256 };
/** 1500 take an hour on two cores. */
const STEPS = Number(process.env['STEPS'] ?? 0);
const without = existsSync(DATA) ? skipWithoutTensorFlow : `${DATA} is not there`;
const skip = STEPS > 0 ? without : 'takes an hour: STEPS=1500 npm run test:slow -- self-dialogue';

const folder = temporaryFolder();
after(folder.remove);

test(
  'programs recognize an untrained model, the n-gram model less, a trained one still less, and real texts not at all',
  { skip },
  async (context) => {
    const tokens = await writeTokens();
    const model = await trained('trained', STEPS, tokens);
    const untrained = await trained('untrained', 1, tokens);
    const losses = { model: await modelLoss(model, tokens), ngram: ngramLoss(tokens) };
    context.diagnostic(`held-out loss: ${JSON.stringify(losses)}`);
    assert.ok(losses.model < losses.ngram, JSON.stringify(losses));

    const { outDir } = await runKind(turing, {
      dir: join(folder.dir, 'test'),
      inputs: { 'held-out': tokens, model },
      params: { against: ['ngram'], questions: 50, duels: 0, temperature: 1 },
    });
    const { byModel, floors, realAgainstReal } = readBlindTest(outDir).report;
    const accuracies = {
      model: figuresOf(byModel['model']!.programs),
      ngram: figuresOf(floors['ngram']!.programs),
      real: figuresOf(realAgainstReal.programs),
      untrained: figuresOf(await judgedWithForcedLines({ writer: untrained, scorer: model, tokens }, 300)),
    };
    context.diagnostic(JSON.stringify(accuracies, null, 1));
    assert.ok(accuracies.model.likelihood < accuracies.ngram.likelihood);
    assert.ok(accuracies.untrained.likelihood >= 0.95);
    for (const { low, high } of Object.values(realAgainstReal.programs)) assert.ok(low < 0.5 && high > 0.5);
  },
);

// ---------------------------------------------------------------------------

const figuresOf = (programs: QuestionsReport['realAgainstReal']['programs']) =>
  Object.fromEntries(Object.entries(programs).map(([name, { accuracy }]) => [name, accuracy])) as Record<
    keyof typeof programs,
    number
  >;

async function modelLoss(checkpoint: string, tokens: string): Promise<number> {
  const { events } = await runKind(evaluate, {
    dir: join(folder.dir, 'evaluate'),
    inputs: { checkpoint, 'held-out': tokens },
    params: {},
  });
  return metricsOf(events, 'evaluate/loss')[0]![1];
}

/** Mean of the validation text, in nats per token. */
function ngramLoss(dir: string): number {
  const tokens = openTokens(dir);
  const [learnt, held] = [tokens.split('train'), tokens.split('validation')];
  const model = trainNgram(learnt.read(0, learnt.tokens), tokens.index.vocabularySize);
  const ids = held.read(0, held.tokens);
  let sum = 0;
  for (let i = 1; i < ids.length; i++) sum -= model.logProbability(ids.subarray(Math.max(0, i - 3), i), ids[i]!);
  tokens.close();
  return sum / (ids.length - 1);
}

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
  const params = { template: '{name}: {text}', validation: 0.02, test: 0.4, leaks: 'allow' };
  return (await runStage('tokenize', folder.dir, { inputs: { conversations: dir }, params })).outDir;
}

async function trained(name: string, steps: number, tokens: string): Promise<string> {
  const { outDir } = await runKind(train, {
    dir: join(folder.dir, name),
    inputs: { chat: tokens },
    params: {
      model: MODEL,
      schedule: { kind: 'cosine', peak: steps === 1 ? 1e-6 : 2e-3, floor: 1e-7, warmupSteps: Math.min(100, steps) },
      steps,
      batchSize: 8,
    },
  });
  return outDir;
}
