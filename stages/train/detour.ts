import type { TrainingState } from '../../src/artifacts/checkpoint/training-state.ts';
import { isOnDetour } from './next-state.ts';
import { count } from './params/count.ts';
import type { Context } from './params/params.ts';

/** Emits a note if a detour begins after this validation. */
export function noteDetourStart({ params, emit }: Context, before: TrainingState, after: TrainingState): void {
  const { detour, steps } = params;
  const taken = after.detour?.taken ?? [];
  if (!detour || taken.length === (before.detour?.taken.length ?? 0)) return;
  const until = `until step ${count(Math.min(steps, taken.at(-1)!.to))}`;
  emit({
    kind: 'note',
    text: `detour ${taken.length} of ${detour.max} to ${detour.to}, ${until}: the held-out loss did not fall${detour.patience === 1 ? '' : ` in ${detour.patience} validations in a row`}`,
  });
}

/** The metrics of a finished step. Emits a note if it was the last step of a detour. */
export function detourMetrics({ params: { detour }, emit }: Context, state: TrainingState): Record<string, number> {
  if (!detour) return {};
  const active = isOnDetour(state, state.step - 1);
  if (active && !isOnDetour(state))
    emit({ kind: 'note', text: `back from ${detour.to} after step ${count(state.step)}` });
  return { 'detour/active': active ? 1 : 0 };
}
