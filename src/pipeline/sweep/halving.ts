import type { Kinds } from '../stage-kind.ts';
import { suggestion } from '../diagnostic/nearest.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Finding } from '../schema/check.ts';
import type { Halving } from './schema.ts';

/** What a point came to at a rung: its metric there, or `failed`; undefined while that is not known. */
export type RungResult = number | 'failed' | undefined;

/**
 * What becomes of a point: it trains on (`to` a rung, null: to its end), waits for others at a rung, stays paused
 * there, or has failed.
 */
export type Course =
  | { kind: 'train'; to: number | null }
  | { kind: 'wait'; at: number }
  | { kind: 'paused'; at: number }
  | { kind: 'failed'; at: number };

/**
 * Successive halving, as a pure function of what is known. `results[point][rung]`; one course for each point.
 *
 * Of the points at a rung, the best 1 in `keepOneIn` go on (rounded down, at least one); equal ones by their number;
 * failed ones and those whose metric is no number never. A point goes on as soon as that is certain, whatever the ones
 * still under way come to; so nobody waits for the slowest, and yet who goes on depends on the results alone, not on
 * the order in which they came.
 */
export function decide(
  results: RungResult[][],
  { rungs, keepOneIn, goal }: Pick<Halving, 'rungs' | 'keepOneIn' | 'goal'>,
): Course[] {
  const courses = results.map((): Course => ({ kind: 'train', to: 0 }));
  let entered = results.map((_, point) => point);
  /** how many points this rung may see at most, those still below it included */
  let most = results.length;
  for (const rung of rungs.keys()) {
    const known = entered
      .filter((point) => results[point]![rung] !== undefined)
      .sort((a, b) => compare(results[a]![rung], results[b]![rung], goal) || a - b);
    const missing = most - known.length;
    const places = placesAt(most, keepOneIn);
    const next: number[] = [];
    for (const [place, point] of known.entries()) {
      const fit = Number.isFinite(results[point]![rung]);
      if (results[point]![rung] === 'failed') courses[point] = { kind: 'failed', at: rung };
      else if (!fit || place >= places) courses[point] = { kind: 'paused', at: rung };
      else if (place + missing >= places) courses[point] = { kind: 'wait', at: rung };
      else {
        courses[point] = { kind: 'train', to: rung + 1 < rungs.length ? rung + 1 : null };
        next.push(point);
      }
    }
    // once all have come, it is known how many went on; until then, all places may be taken
    most = missing === 0 ? next.length : places;
    entered = next;
  }
  return courses;
}

/** How many of `count` points go on. */
export const placesAt = (count: number, keepOneIn: number): number =>
  count === 0 ? 0 : Math.max(1, Math.floor(count / keepOneIn));

/** What in a halving does not fit the points that it is about; paths begin at the file's top. */
export function halvingFaults({ stage: name, metric, rungs }: Halving, points: Pipeline[], kinds: Kinds): Finding[] {
  const at = (path: (string | number)[], message: string, hint?: string): Finding => ({
    path: ['sweep', 'halving', ...path],
    of: 'value',
    message,
    ...(hint === undefined ? {} : { hint }),
  });
  const falling = rungs.findIndex((rung, place) => place > 0 && rung <= rungs[place - 1]!);
  if (falling >= 0) return [at(['rungs', falling], 'the rungs do not ascend')];
  const faults = new Map<string, Finding>();
  for (const { stages } of points) {
    const stage = stages.find((one) => one.name === name);
    const pauseFault = stage && kinds[stage.kind]?.pauseFault;
    if (!stage)
      return [
        at(
          ['stage'],
          `no stage "${name}"`,
          suggestion(
            name,
            stages.map((one) => one.name),
            'stages',
          ),
        ),
      ];
    if (!pauseFault)
      return [
        at(
          ['stage'],
          `"${name}" is a stage of kind ${stage.kind}, which cannot pause`,
          suggestion(
            '',
            stages.filter(({ kind }) => kinds[kind]?.pauseFault).map((one) => one.name),
            'stages that can',
          ),
        ),
      ];
    for (const [place, rung] of rungs.entries()) {
      const fault = pauseFault(stage.params, rung, metric);
      if (fault !== null) faults.set(`${place} ${fault}`, at(['rungs', place], fault));
    }
  }
  return [...faults.values()];
}

// ---------------------------------------------------------------------------

/** Best first; what is no number, then what failed, at the end. */
function compare(a: RungResult, b: RungResult, goal: Halving['goal']): number {
  const [first, second] = [a, b].map((value) =>
    value === 'failed' ? Infinity : !Number.isFinite(value) ? Number.MAX_VALUE : goal === 'min' ? value! : -value!,
  );
  return first === second ? 0 : first! < second! ? -1 : 1;
}
