import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openTokens, openTokensWriter } from '../../src/artifacts/tokens/tokens.ts';
import { gpt2 } from '../../src/tokenizer/gpt2/identity.ts';
import { planBatches } from '../../src/lm/data/batches.ts';
import { labelOf, speakerOfLabel, classOfLabel } from '../../src/tokenizer/token-labels.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { contract as train } from '../../stages/train/contract.ts';
import { maskedStream } from '../../stages/train/loss-mask.ts';
import { runStage, skipWithoutTensorFlow as skip, temporaryFolder } from './model-kit.ts';

const folder = temporaryFolder();
const chat = join(folder.dir, 'chat');
const everything = ['stamp', 'name', 'text', 'separator'] as const;
const model = { layers: 1, heads: 1, width: 8, context: 8 };
const params = {
  model,
  steps: 30,
  batchSize: 4,
  schedule: { kind: 'constant', peak: 0.05, warmupSteps: 0 },
  validateEvery: 0,
  validationBatches: 1,
};

/** Ann always writes 11, Ben always 22; a line is the name (1 or 2), then the text. */
before(() => {
  mkdirSync(chat, { recursive: true });
  const writer = openTokensWriter(chat, {
    tokenizer: { name: 'gpt2', vocabulary: gpt2.vocabulary },
    vocabularySize: 50257,
    separator: 50256,
    ending: 'separator',
    template: '{name}: {text}',
  });
  const ids = [1, 11, 11, 2, 22, 22];
  const labels = ids.map((_, index) => labelOf(index % 3 === 0 ? 'name' : 'text', index < 3 ? 1 : 2));
  for (const split of ['train', 'validation'] as const)
    for (let document = 0; document < 20; document++)
      writer.append(split, ids, 6, { ids: labels, separator: labelOf('separator', 0) });
  writer.close(['Ann', 'Ben']);
});
after(folder.remove);

test('tokens count by class and by speaker, separators only by class', () => {
  const reader = openTokens(chat);
  const split = reader.split('train');
  const counted = (learn: object) =>
    Array.from(
      maskedStream(split, ['Ann', 'Ben'], { classes: [...everything], speakers: [], ...learn }).lossMask!(0, 7),
    ).join('');
  assert.equal(counted({}), '1111111');
  assert.equal(counted({ classes: ['text'] }), '0110110');
  assert.equal(counted({ speakers: ['Ben'] }), '0001111');
  assert.equal(counted({ classes: ['text', 'separator'], speakers: ['Ann'] }), '0110001');
  assert.equal(maskedStream(split, [], undefined), split);
  reader.close();
});

test('the weights of a batch are those of its targets, one token later', () => {
  const reader = openTokens(chat);
  const split = reader.split('train');
  const stream = maskedStream(split, ['Ann', 'Ben'], { classes: ['text'], speakers: ['Ben'] });
  const batches = planBatches({ mix: [{ stream, weight: 1 }], context: 8, batchSize: 4, seed: 5 });
  assert.ok(batches.masked);
  const { labels, labelWeights } = batches.batchAt(3);
  assert.deepEqual(
    Array.from(labelWeights!),
    Array.from(labels, (id) => (id === 22 ? 1 : 0)),
  );
  assert.ok(
    Array.from(split.labels(0, split.tokens)).every(
      (label) => speakerOfLabel(label) <= 2 && classOfLabel(label) !== 'stamp',
    ),
  );
  reader.close();
});

test('only the chosen tokens are learnt', { skip }, async () => {
  const lossOf = async (name: string, learn: object | undefined): Promise<number> => {
    const { outDir } = await runStage(train, {
      dir: join(folder.dir, name),
      inputs: { chat },
      params: { ...params, ...(learn ? { learn } : {}) },
    });
    const values = readFileSync(join(outDir, 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { step: number; name: string; value: number });
    return values.findLast((each) => each.name === 'eval/loss')!.value;
  };
  const all = await lossOf('all', undefined);
  const same = await lossOf('same', { classes: [...everything] });
  const ben = await lossOf('ben', { classes: ['text'], speakers: ['Ben'] });
  assert.ok(
    Math.abs(all - same) < 0.05,
    `a mask that leaves nothing out changes nothing but the order of sums: ${all} ${same}`,
  );
  assert.ok(ben > all + 1, `only two of seven tokens were learnt, so the total loss is far higher: ${ben} ${all}`);
});

test('an unknown name is an error that does not quote the name', async () => {
  await assert.rejects(
    runStage(train, {
      dir: join(folder.dir, 'nobody'),
      inputs: { chat },
      params: { ...params, learn: { classes: ['text'], speakers: ['Zoe Secret'] } },
    }),
    (error) =>
      error instanceof StageInputError &&
      /names a person with no lines/.test(error.message) &&
      !`${error.message}${error.hint}`.includes('Zoe'),
  );
});
