import type { MeanLoss } from '../../src/lm/training/loss-tally.ts';
import { count } from './params/count.ts';
import { sequencesPerStep, type Context } from './params/params.ts';

/**
 * What the person sees while it runs. The clock is looked at here and nowhere else, and nothing of it reaches the
 * artifact.
 */
export function progressReport({ params, runtime, emit }: Context) {
  const tokensPerStep = sequencesPerStep(params) * params.model.context;
  const told = {
    step: 0,
    loss: null as number | null,
    validation: null as number | null,
    speed: null as number | null,
  };
  let stepStarted = 0;
  let shown = 0;
  let timed: { steps: number; ms: number } | null = null; // null until the first step, which also compiles, is over

  const show = (what: string | null, always: boolean): void => {
    const now = performance.now();
    if (now - shown < 200 && !always) return;
    shown = now;
    const parts = [
      what,
      told.loss && `loss ${told.loss.toFixed(2)}`,
      told.validation && `validation ${told.validation.toFixed(2)}`,
      told.speed && `${count(Math.round(told.speed))} tokens/s`,
    ];
    emit({
      kind: 'progress',
      done: told.step,
      total: params.steps,
      unit: 'steps',
      note: parts.filter(Boolean).join(' · '),
    });
  };

  return {
    lastValidation: () => told.validation,
    ended(reason: string): void {
      if (told.step < params.steps)
        emit({ kind: 'note', text: `ends at step ${count(told.step)} of ${count(params.steps)}: ${reason}` });
    },
    starting(step: number): void {
      told.step = step;
      show('compiling', true);
    },
    stepping(): void {
      stepStarted = performance.now();
    },
    stepped(step: number, loss: number): void {
      Object.assign(told, { step, loss });
      const isPoint = step % runtime.logEvery === 0;
      if (timed === null) timed = { steps: 0, ms: 0 };
      else timed = { steps: timed.steps + 1, ms: timed.ms + performance.now() - stepStarted };
      if (timed.steps > 0 && (isPoint || timed.ms > 1000)) {
        told.speed = (1000 * tokensPerStep * timed.steps) / timed.ms;
        timed = { steps: 0, ms: 0 };
      }
      if (isPoint && told.speed !== null)
        emit({ kind: 'metric', name: 'train/tokens_per_second', step, value: told.speed });
      if (isPoint)
        emit({
          kind: 'metric',
          name: 'system/resident_gb',
          step,
          value: Number((process.memoryUsage.rss() / 1e9).toFixed(3)),
        });
      show(null, step === params.steps);
    },
    validating: (done: number, total: number): void => show(`validating ${done} of ${total}`, false),
    validated(loss: number, classes: Record<string, MeanLoss>): void {
      told.validation = loss;
      for (const [name, mean] of Object.entries(classes))
        emit({ kind: 'metric', name: `eval/class/${name}`, step: told.step, value: mean.loss });
    },
  };
}
