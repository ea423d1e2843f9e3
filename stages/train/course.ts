import type { TrainingState } from '../../src/artifacts/checkpoint/training-state.ts';
import { planBatches, type Batches } from '../../src/lm/data/batches.ts';
import { afterValidation, isAway, NO_DETOUR } from '../../src/lm/training/detour.ts';
import { weightsAt, type MixRule } from '../../src/lm/data/mix.ts';
import { openTokenizer } from '../../src/tokenizer/open-tokenizer.ts';
import { lineEndIds } from '../../src/tokenizer/tokenizer.ts';
import { UNMEASURED } from '../../src/lm/training/stall.ts';
import { stallAfter, stopReason } from '../../src/lm/training/stop-rule.ts';
import { count } from './params/count.ts';
import type { Input } from './inputs.ts';
import { learntStream } from './learnt.ts';
import { sequencesPerStep, type Context, type Params } from './params/params.ts';

/**
 * The way through the texts: which of them a step trains on, and when it is over. All that it decides is in the
 * training's state.
 */
export interface Course {
  batches: Batches;
  /** Whether the update that follows `step` finished ones is made on the detour's text. */
  isAway(step: number): boolean;
  /** The rate of that update: the schedule's, or the detour's own. */
  rate(step: number, scheduled: number): number;
  /** Tells of a way back, and gives what belongs into the metrics of a finished step. */
  stepped(step: number): Record<string, number>;
  /** Takes note of a validation loss of the mix: a detour may begin, patience may end. */
  validated(step: number, loss: number): void;
  /** Why training is over after `step` steps, or null. */
  endReason(step: number): string | null;
}

export function planCourse({ params, emit }: Context, inputs: Input[], state: TrainingState): Course {
  const { model, steps, seed, detour } = params;
  const stop = params.stop ?? { minDelta: 0 };
  const mix = inputs.map(({ train, speakers, weight }) => ({
    stream: learntStream(train, speakers, params.learn),
    weight,
  }));
  const rule = mixRule(params, inputs);
  const onDetour = inputs.map(({ name }) => (name === detour?.to ? 1 : 0));
  const away = (step: number): boolean => isAway(state.detour ?? NO_DETOUR, step);
  const batches = planBatches({
    mix,
    context: model.context,
    batchSize: sequencesPerStep(params),
    seed,
    order:
      params.windows === 'lines'
        ? { kind: 'lines', newlines: lineEndIds(openTokenizer(inputs[0]!.tokenizer)) }
        : { kind: params.windows },
    weightsAt: (place) => (away(place.step) ? onDetour : weightsAt(rule, place)),
  });

  return {
    batches,
    isAway: away,
    rate: (step, scheduled) => (away(step) ? (detour?.rate ?? scheduled) : scheduled),
    stepped(step) {
      if (!detour) return noMetrics;
      const active = away(step - 1);
      if (active && !away(step)) emit({ kind: 'note', text: `back from ${detour.to} after step ${count(step)}` });
      return { 'detour/active': active ? 1 : 0 };
    },
    validated(step, loss) {
      if (away(step)) return;
      if (stop.patience !== undefined) state.stall = stallAfter(stop, state.stall ?? UNMEASURED, loss);
      if (!detour || step >= steps) return;
      state.detour = afterValidation(detour, state.detour ?? NO_DETOUR, { step, loss });
      if (!away(step)) return;
      const { taken } = state.detour;
      const until = `until step ${count(Math.min(steps, taken.at(-1)!.to))}`;
      emit({
        kind: 'note',
        text: `detour ${taken.length} of ${detour.max} to ${detour.to}, ${until}: the validation loss did not fall${detour.patience === 1 ? '' : ` ${detour.patience} times in a row`}`,
      });
    },
    endReason(step) {
      if (step >= steps) return `${count(steps)} steps are done`;
      return stopReason(stop, {
        tokens: batches.targetsBefore(step),
        epochs: batches.epochsBefore(step),
        stall: state.stall ?? UNMEASURED,
      });
    },
  };
}

const noMetrics: Record<string, number> = {};

function mixRule({ mixPhases, review }: Params, inputs: Input[]): MixRule {
  const placeOf = (from: string): number => inputs.findIndex(({ name }) => name === from);
  const weightsOf = (mix: Params['mix']): number[] =>
    inputs.map(({ name }) => mix.find(({ from }) => from === name)?.weight ?? 0);
  return {
    weights: inputs.map(({ weight }) => weight),
    phases: mixPhases.map(({ untilStep, mix }) => ({ untilStep, weights: weightsOf(mix) })),
    review: review ? { from: placeOf(review.from), share: review.share, decay: review } : null,
  };
}
