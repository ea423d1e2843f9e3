import { writeSync } from 'node:fs';
import { engineChoice, openEngine } from '../../engine/open-engine.ts';
import { modelOf } from '../../lm/model/models.ts';
import { below, randomAt } from '../../lm/random/random.ts';
import { FIRST_STATE } from '../../../stages/train/next-state.ts';
import type { Params } from '../../../stages/train/params/params.ts';
import { fromScratch } from '../../../stages/train/start/init.ts';
import { stateIn } from '../../../stages/train/state.ts';
import { stepNumbers } from '../../../stages/train/step-numbers.ts';
import { compileUpdate } from '../../../stages/train/update.ts';

/** What a child process prints, in seconds. */
export interface StepTime {
  /** of the first step, which compiles */
  first: number;
  /** of a later one: the median */
  step: number;
}

/**
 * `runner time-step PARAMS`: runs a few real training steps on random tokens and prints how long they took. A process
 * of its own, because compiled programs, weights and moments stay in memory.
 */
export async function printStepTime({ params: text }: { params: string }): Promise<number> {
  const params = JSON.parse(text) as Params;
  const engine = await openEngine(engineChoice(params.engine, params.precision));
  const variables = stateIn(engine, params, { start: fromScratch(params.model, params.seed), saved: null });
  const update = compileUpdate(engine, variables, params, { model: modelOf(params.model), labelWeights: false });
  const batch = randomBatch(params);
  const { scalars } = stepNumbers(params, FIRST_STATE);
  const timed = async (): Promise<number> => {
    const began = performance.now();
    await update(batch, scalars);
    return (performance.now() - began) / 1000;
  };
  const first = await timed();
  await timed(); // may still allocate memory
  const steps: number[] = [];
  while (steps.length < LEAST_STEPS || (sum(steps) < SECONDS && steps.length < MOST_STEPS)) steps.push(await timed());
  const time: StepTime = { first, step: steps.toSorted((a, b) => a - b)[steps.length >> 1]! };
  writeSync(1, `${JSON.stringify(time)}\n`);
  engine.close();
  return 0;
}

// ---------------------------------------------------------------------------

/** Small models are timed for this long; a step of a large one may take longer than that. */
const SECONDS = 3;
const LEAST_STEPS = 3;
const MOST_STEPS = 50;

function randomBatch({ model, batchSize, accumulate, seed }: Params): Record<'tokens' | 'labels', Int32Array> {
  const random = randomAt(seed, 0, 'mix');
  const ids = (): Int32Array =>
    Int32Array.from({ length: batchSize * accumulate * model.context }, () => below(random, model.vocabularySize));
  return { tokens: ids(), labels: ids() };
}

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
