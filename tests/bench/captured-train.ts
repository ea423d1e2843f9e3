import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { engineChoice, openEngine } from '../../src/engine/open-engine.ts';
import type { ModelConfig } from '../../src/lm/model/architecture.ts';
import { modelOf } from '../../src/lm/model/models.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { initialWeights } from '../../src/lm/model/gpt2/initial-weights.ts';
import { type Optimizer, updateScalars } from '../../src/lm/optimizer/optimizer.ts';
import { stateShapes, trainingInputs, trainingStep, updateInputs } from '../../src/lm/training/training-step.ts';

export interface BenchShape extends ModelConfig {
  batchSize: number;
  threads: number;
}

export interface StepOptions {
  precision: 'fp32' | 'bf16';
  recomputeEvery: number;
  lossRows: number;
}

/**
 * Our side: the same protocol as pytorch-train.py, with the train stage's step. Also reports the process's peak memory.
 */
export async function serveCapturedStep(shape: BenchShape, options: StepOptions): Promise<void> {
  const { batchSize, threads, ...model } = shape;
  const engine = await openEngine({ ...engineChoice('tensorflow', options.precision), threads });
  const optimizer: Optimizer = { kind: 'adamw', beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clip: 1 };
  const training = { model: modelOf(model), optimizer, options: { ...options, dropout: 0 } };
  const program = engine.compile(
    'train_step',
    { inputs: { ...trainingInputs(batchSize, model.context), ...updateInputs(optimizer) }, variables: variablesOf() },
    trainingStep(training),
  );

  const ids = (factor: number): Int32Array =>
    Int32Array.from({ length: batchSize * model.context }, (_, i) => (i * factor) % model.vocabularySize);
  const [tokens, labels] = [ids(7919), ids(104729)];
  let done = 0;
  const step = async (): Promise<number> => {
    const scalars = { ...updateScalars(optimizer, 1e-4, done++), lossLimit: 3e38, normLimit: 3e38 };
    const given = Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, Float32Array.of(value)]));
    return (await program.call({ tokens, labels, ...given }))['loss']![0]!;
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const seconds: number[] = [];
    let loss = NaN;
    for (let i = 0; i < Number(line); i++) {
      const start = performance.now();
      loss = await step();
      seconds.push((performance.now() - start) / 1000);
    }
    process.stdout.write(`${JSON.stringify({ seconds, loss, peakBytes: peakBytes() })}\n`);
  }
  engine.close();

  /** Frees each initial array after copying it, so that the arrays do not count towards the peak. */
  function variablesOf() {
    const start = initialWeights(model, 1337);
    return Object.fromEntries(
      Object.entries(stateShapes(training, weightShapes(model))).map(([name, dims]) => {
        const weight = name.startsWith('weights/') ? name.slice('weights/'.length) : null;
        const value = weight === null ? new Float32Array(dims.reduce((a, b) => a * b, 1)) : start[weight]!;
        if (weight !== null) delete start[weight];
        return [name, engine.variable(name, dims, value)];
      }),
    );
  }
}

/** The process's peak resident memory, in bytes. */
export function peakBytes(): number {
  return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
}
