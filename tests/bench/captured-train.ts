import { createInterface } from 'node:readline';
import { openEngine } from '../../src/engine/open-engine.ts';
import { updateScalars } from '../../src/lm/adamw.ts';
import { weightShapes, type Gpt2Config } from '../../src/lm/gpt2.ts';
import { initialWeights } from '../../src/lm/initial-weights.ts';
import { STATE_PARTS, trainingInputs, trainingStep } from '../../src/lm/training-step.ts';

export interface BenchShape extends Gpt2Config {
  batchSize: number;
  threads: number;
}

/** Our side: the same protocol as pytorch-train.py, on the step that the train stage runs. */
export async function serveCapturedStep(shape: BenchShape, xla: boolean): Promise<void> {
  const { batchSize, threads, ...config } = shape;
  const engine = await openEngine({ engine: 'tensorflow', threads, xla });
  const weights = initialWeights(config, 1337);
  const variables = Object.fromEntries(
    STATE_PARTS.flatMap((part) =>
      Object.entries(weightShapes(config)).map(([name, dims]) => {
        const value = part === 'weights' ? weights[name]! : new Float32Array(weights[name]!.length);
        return [`${part}/${name}`, engine.variable(`${part}/${name}`, dims, value)];
      }),
    ),
  );
  const optimizer = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1 };
  const program = engine.compile('train_step', { inputs: trainingInputs(batchSize, config.context), variables }, trainingStep(config, optimizer));

  const ids = (factor: number): Int32Array => Int32Array.from({ length: batchSize * config.context }, (_, i) => (i * factor) % config.vocabularySize);
  const [tokens, labels] = [ids(7919), ids(104729)];
  let done = 0;
  const step = async (): Promise<number> => {
    const scalars = Object.fromEntries(Object.entries(updateScalars(optimizer, 1e-4, done++)).map(([name, value]) => [name, Float32Array.of(value)]));
    return (await program.call({ tokens, labels, ...scalars }))['loss']![0]!;
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const seconds: number[] = [];
    let loss = NaN;
    for (let i = 0; i < Number(line); i++) {
      const start = performance.now();
      loss = await step();
      seconds.push((performance.now() - start) / 1000);
    }
    process.stdout.write(`${JSON.stringify({ seconds, loss })}\n`);
  }
  engine.close();
}
