import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { projectRoot } from '../../src/files/project-root.ts';
import { modelOf } from '../../src/lm/model/models.ts';
import { openTfjsEngine } from '../../src/engine/tfjs/tfjs-engine.ts';
import { forward } from '../../src/lm/model/forward.ts';
import type { ModelConfig } from '../../src/lm/model/architecture.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { lossAndGradients } from '../../src/lm/training/gradients.ts';
import { assertClose, variablesIn } from './kit.ts';

interface Golden {
  config: ModelConfig;
  batch: [number, number];
  tokens: number[];
  labels: number[];
  weights: Record<string, number[]>;
  logits: number[];
  loss: number;
  gradients: Record<string, number[]>;
}
const golden = JSON.parse(readFileSync(join(projectRoot(), 'tests/lm/golden/tiny-gpt2.json'), 'utf8')) as Golden;

test('logits, loss and every gradient match those of PyTorch', async () => {
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
      const { loss, gradients } = lossAndGradients(modelOf(config), weights, {
        tokens_BT: inputs['tokens']!,
        labels_BT: inputs['labels']!,
      });
      return {
        outputs: {
          loss,
          logits: modelOf(config).logits(weights, forward(modelOf(config), weights, { tokens_BT: inputs['tokens']! })),
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
