import type { TrainingState } from '../../src/artifacts/checkpoint/training-state.ts';
import { planBatches, type Batches } from '../../src/lm/data/batches.ts';
import type { DataOrder } from '../../src/lm/data/data-order.ts';
import { weightsAt, type MixRule } from '../../src/lm/data/mix.ts';
import { UNMEASURED } from '../../src/lm/training/stall.ts';
import { stopReason } from '../../src/lm/training/stop-rule.ts';
import { openTokenizer } from '../../src/tokenizer/open-tokenizer.ts';
import { lineEndIds } from '../../src/tokenizer/tokenizer.ts';
import type { Input } from './inputs.ts';
import { maskedStream } from './loss-mask.ts';
import { isOnDetour } from './next-state.ts';
import { count } from './params/count.ts';
import { sequencesPerStep, type Params } from './params/params.ts';

/** What each step trains on, and when training ends. */
export interface Curriculum {
  batches: Batches;
  /** Why training ends in this state, or null if it does not. */
  endReason(state: TrainingState): string | null;
}

/** `current` returns the present state; the batches depend on the detours taken so far. */
export function planCurriculum(params: Params, inputs: Input[], current: () => TrainingState): Curriculum {
  const { model, steps, seed, detour, stop = { minDelta: 0 } } = params;
  const mix = mixRule(params, inputs);
  const onlyDetour = inputs.map(({ name }) => (name === detour?.to ? 1 : 0));
  const batches = planBatches({
    mix: inputs.map(({ train, speakers, weight }) => ({ stream: maskedStream(train, speakers, params.learn), weight })),
    context: model.context,
    batchSize: sequencesPerStep(params),
    seed,
    order: dataOrder(params, inputs),
    weightsAt: (at) => (isOnDetour(current(), at.step) ? onlyDetour : weightsAt(mix, at)),
  });
  return {
    batches,
    endReason({ step, stall = UNMEASURED }) {
      if (step >= steps) return `${count(steps)} steps done`;
      return stopReason(stop, { tokens: batches.targetsBefore(step), epochs: batches.epochsBefore(step), stall });
    },
  };
}

function dataOrder({ windows }: Params, inputs: Input[]): DataOrder {
  if (windows !== 'lines') return { kind: windows };
  return { kind: 'lines', newlines: lineEndIds(openTokenizer(inputs[0]!.tokenizer)) };
}

function mixRule({ mixPhases, review }: Params, inputs: Input[]): MixRule {
  const weightsOf = (mix: Params['mix']): number[] =>
    inputs.map(({ name }) => mix.find(({ from }) => from === name)?.weight ?? 0);
  return {
    weights: inputs.map(({ weight }) => weight),
    phases: mixPhases.map(({ untilStep, mix }) => ({ untilStep, weights: weightsOf(mix) })),
    review: review
      ? { from: inputs.findIndex(({ name }) => name === review.from), share: review.share, decay: review }
      : null,
  };
}
