import { test } from 'node:test';
import assert from 'node:assert/strict';
import { openTfjsEngine } from '../../src/engine/tfjs/tfjs-engine.ts';
import { loadWeights } from '../../src/generation/loaded-weights.ts';
import { openScorer, type TextToScore } from '../../src/generation/score-texts.ts';
import { forward } from '../../src/lm/model/forward.ts';
import { initialWeights } from '../../src/lm/model/gpt2/initial-weights.ts';
import { modelOf } from '../../src/lm/model/models.ts';
import { below, randomAt } from '../../src/lm/random/random.ts';

const SHAPE = { vocabularySize: 50, context: 100, layers: 2, heads: 2, width: 8 };

test('each token gets its probability and its rank, whatever it is batched with', async () => {
  const engine = await openTfjsEngine();
  const model = modelOf(SHAPE);
  const values = initialWeights(SHAPE, 1);
  for (const weights of Object.values(values)) weights.forEach((value, i) => (weights[i] = 20 * value));
  const random = randomAt(1, 0, 'questions');
  // Lengths on both sides of the sizes that share a program; one text has more scored tokens than others.
  const texts = [3, 5, 64, 65, 90, 100, 7, 8, 9, 10, 100].map((length): TextToScore => {
    const ids = Array.from({ length }, () => below(random, SHAPE.vocabularySize));
    return { ids, scored: ids.map((_, i) => i).filter((i) => i > 0 && (i % 2 === 0 || length === 100)) };
  });
  const weights = loadWeights({ engine, model, read: (name) => values[name]!, rows: 16, precision: 'fp32' });
  const scorer = openScorer({ engine, model, weights });
  const scores = await scorer.score(texts);
  assert.deepEqual(await scorer.score(texts.slice(5)), scores.slice(5), 'with the same programs again');

  for (const [text, { ids, scored }] of texts.entries()) {
    const whole = engine.compile(
      'whole',
      { inputs: { tokens: { shape: [1, ids.length], dtype: 'int32' } }, variables: weights.variables },
      (given, all) => ({
        outputs: { logits: model.logits(all, forward(model, all, { tokens_BT: given['tokens']! })) },
      }),
    );
    const { logits } = await whole.call({ tokens: Int32Array.from(ids) });
    for (const [i, place] of scored.entries()) {
      const row = [...logits!.subarray((place - 1) * 50, place * 50)];
      const own = row[ids[place]!]!;
      const expected = own - Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
      assert.ok(Math.abs(scores[text]!.logProbabilities[i]! - expected) < 1e-4, `${text} ${place}`);
      assert.equal(scores[text]!.ranks[i], row.filter((logit) => logit > own + 1e-5).length);
    }
    assert.equal(scores[text]!.ranks.length, scored.length);
  }
  engine.close();
});
