import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { projectRoot } from '../../src/files/project-root.ts';
import { modelOf } from '../../src/lm/model/models.ts';
import { openTfjsEngine } from '../../src/engine/tfjs/tfjs-engine.ts';
import { attention, BLOCKED } from '../../src/lm/model/attention.ts';
import { forward } from '../../src/lm/model/forward.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { assertClose, variablesIn } from './kit.ts';

const dir = join(process.env['RUNNER_SHARED_DATA'] ?? join(projectRoot(), '../shared/data'), 'gpt-nano-sort');
const skip = existsSync(dir) ? false : `no reference model in ${dir}`;

interface Stored {
  shape: number[];
  data: string;
}

function load(file: string): Record<string, Stored> {
  return JSON.parse(readFileSync(join(dir, file), 'utf8')) as Record<string, Stored>;
}

function floats({ data }: Stored): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(data, 'base64')).buffer);
}

/** PyTorch's linear layers are [out, in]. */
function transposed(values: Float32Array, [rows, columns]: [number, number]): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
}

test(
  'a trained minGPT: q, k, v, attention, final norm and logits match those recorded by its authors',
  { skip },
  async () => {
    const config = { vocabularySize: 3, context: 11, layers: 3, heads: 3, width: 48 };
    const [B, T, H, D] = [3, 11, 3, 16];
    const model = load('gpt-nano-sort-model.json');
    const recorded = load('gpt-nano-sort-t0-partials.json');
    const weights = Object.fromEntries(
      Object.entries(weightShapes(config)).map(([name, shape]) => {
        const values = floats(model[`transformer.${name}`]!);
        const linear = shape.length === 2 && name.startsWith('h.');
        return [name, linear ? transposed(values, [shape[1]!, shape[0]!]) : values];
      }),
    );

    const engine = await openTfjsEngine();
    const head = engine.variable('lm_head.weight', [3, 48], floats(model['lm_head.weight']!));
    const variables = { ...variablesIn(engine, weightShapes(config), weights), head };
    const program = engine.compile(
      'nano',
      { inputs: { tokens: { shape: [B, T], dtype: 'int32' } }, variables },
      ({ tokens }, given) => {
        const first: Record<string, Tensor> = {};
        const mask_TS = tf.tensor2d(
          Float32Array.from({ length: T * T }, (_, i) => (i % T > Math.floor(i / T) ? BLOCKED : 0)),
          [T, T],
        );
        const attend = (layer: number, q_BHTD: Tensor, k_BHTD: Tensor, v_BHTD: Tensor): Tensor => {
          const y_BHTD = attention({ q_BHTD, k_BHSD: k_BHTD, v_BHSD: v_BHTD, mask_TS });
          if (layer === 0)
            Object.assign(first, {
              q: q_BHTD,
              k: k_BHTD,
              v: v_BHTD,
              y: tf.reshape(tf.transpose(y_BHTD, [0, 2, 1, 3]), [B, T, H * D]),
            });
          return y_BHTD;
        };
        const x_NC = forward(modelOf(config), given, { tokens_BT: tokens!, attend });
        const plain_NC = forward(modelOf(config), given, { tokens_BT: tokens! });
        return {
          outputs: {
            ...first,
            ln_f: x_NC,
            plain: plain_NC,
            lm_head: tf.matMul(x_NC, given['head'] as tf.Tensor2D, false, true),
          },
        };
      },
    );
    const ids = recorded['idx']!;
    // The ids are stored as 64-bit integers or as floats; their length shows which.
    const bytes = Uint8Array.from(Buffer.from(ids.data, 'base64'));
    const tokens = Int32Array.from(
      bytes.length === B * T * 4 ? new Float32Array(bytes.buffer) : Array.from(new BigInt64Array(bytes.buffer), Number),
    );
    const found = await program.call({ tokens });
    engine.close();
    for (const name of ['q', 'k', 'v', 'y', 'ln_f', 'lm_head'])
      assertClose(found[name]!, floats(recorded[name]!), 1e-5, name);
    assertClose(found['plain']!, found['ln_f']!, 1e-6, "forward's own causal attention");
  },
);
