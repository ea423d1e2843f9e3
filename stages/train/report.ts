import type { MeanLoss } from '../../src/lm/training/loss-tally.ts';
import { count } from './params/count.ts';
import { sequencesPerStep, type Context } from './params/params.ts';

type Activity = 'compilation' | 'step' | 'validation' | 'samples' | 'save';

/** Reports progress and speed. They affect neither the computation nor the artifact. */
export function progressReport({ params, runtime, emit }: Context) {
  const tokensPerStep = sequencesPerStep(params) * params.model.context;
  const latest = {
    step: 0,
    loss: null as number | null,
    validation: null as number | null,
    speed: null as number | null,
  };
  let activity: Activity = 'compilation';
  let activityStarted = 0;
  let shown = 0;
  let timed: { steps: number; ms: number } | null = null; // null until after the first step, which also compiles

  const show = (activity: string | null, always: boolean): void => {
    const now = performance.now();
    if (now - shown < 200 && !always) return;
    shown = now;
    const parts = [
      activity,
      latest.loss && `loss ${latest.loss.toFixed(2)}`,
      latest.validation && `held-out loss ${latest.validation.toFixed(2)}`,
      latest.speed && `${count(Math.round(latest.speed))} tokens/s`,
    ];
    emit({
      kind: 'progress',
      done: latest.step,
      total: params.steps,
      unit: 'steps',
      note: parts.filter(Boolean).join(' · '),
    });
  };

  return {
    ended(reason: string): void {
      if (latest.step < params.steps)
        emit({ kind: 'note', text: `ended at step ${count(latest.step)} of ${count(params.steps)}: ${reason}` });
    },
    compiling(step: number): void {
      latest.step = step;
      show('compiling', true);
    },
    starting(next: Activity): void {
      activity = next;
      activityStarted = performance.now();
    },
    /** Says what a request to stop waits for. `unsaved`: whether finished steps would be lost without a checkpoint. */
    stopping(unsaved: boolean): void {
      const ahead = {
        compilation: 'stopping',
        step: unsaved
          ? `finishing step ${count(latest.step + 1)}, then saving`
          : 'stopping: all finished steps are saved',
        validation: `interrupting the validation${unsaved ? ', then saving' : ''}; the next run repeats it`,
        samples: `interrupting the samples${unsaved ? ', then saving' : ''}`,
        save: 'finishing the checkpoint',
      }[activity];
      emit({ kind: 'note', text: ahead });
    },
    stepped(step: number, loss: number): void {
      Object.assign(latest, { step, loss });
      const isPoint = step % runtime.logEvery === 0;
      if (timed === null) timed = { steps: 0, ms: 0 };
      else timed = { steps: timed.steps + 1, ms: timed.ms + performance.now() - activityStarted };
      if (timed.steps > 0 && (isPoint || timed.ms > 1000)) {
        latest.speed = (1000 * tokensPerStep * timed.steps) / timed.ms;
        timed = { steps: 0, ms: 0 };
      }
      if (isPoint && latest.speed !== null)
        emit({ kind: 'metric', name: 'train/tokens_per_second', step, value: latest.speed });
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
      latest.validation = loss;
      for (const [name, mean] of Object.entries(classes))
        emit({ kind: 'metric', name: `eval/class/${name}`, step: latest.step, value: mean.loss });
    },
  };
}
