import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { projectRoot } from '../../src/files/project-root.ts';
import { openTfjsEngine } from '../../src/engine/tfjs/tfjs-engine.ts';
import { forward, logits, type Gpt2Config } from '../../src/lm/model/gpt2.ts';
import { weightShapes } from '../../src/lm/model/weight-shapes.ts';
import { lossAndGradients } from '../../src/lm/training/gradients.ts';
import { assertClose, variablesIn } from './kit.ts';

interface Golden {
  config: Gpt2Config;
  batch: [number, number];
  tokens: number[];
  labels: number[];
  weights: Record<string, number[]>;
  logits: number[];
  loss: number;
  gradients: Record<string, number[]>;
}
const golden = JSON.parse(readFileSync(join(projectRoot(), 'tests/lm/golden/tiny-gpt2.json'), 'utf8')) as Golden;

test("logits, loss and every gradient are PyTorch's", async () => {
  const { config, batch, tokens, labels } = golden;
  const engine = await openTfjsEngine();
  const shapes = weightShapes(config);
  const program = engine.compile(
    'golden',
    {
      inputs: { tokens: { shape: batch, dtype: 'int32' }, labels: { shape: batch, dtype: 'int32' } },
      variables: variablesIn(engine, shapes, golden.weights),
    },
    (inputs, weights) => {
      const { loss, gradients } = lossAndGradients(config, weights, {
        tokens_BT: inputs['tokens']!,
        labels_BT: inputs['labels']!,
      });
      return {
        outputs: {
          loss,
          logits: logits(weights, forward(config, weights, { tokens_BT: inputs['tokens']! })),
          ...gradients,
        },
      };
    },
  );
  const found = await program.call({ tokens: Int32Array.from(tokens), labels: Int32Array.from(labels) });
  engine.close();
  assertClose(found['loss']!, [golden.loss], 1e-5, 'loss');
  assertClose(found['logits']!, golden.logits, 1e-5, 'logits');
  assert.deepEqual(Object.keys(golden.gradients), Object.keys(shapes));
  for (const [name, gradient] of Object.entries(golden.gradients)) assertClose(found[name]!, gradient, 1e-4, name);
});
