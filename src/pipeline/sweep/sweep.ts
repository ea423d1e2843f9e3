import type { SweepPoint } from '../pipeline.ts';
import type { Finding } from '../schema/check.ts';
import { readSweep } from './axes.ts';
import type { Axis, Swept } from './axes.ts';
import type { Halving, Objective } from './schema.ts';
import { titlesOf } from './titles.ts';
import type { Json, Path } from '../yaml/tree.ts';

/** A sweep that a person did not mean: nobody waits for more runs than this. */
const LARGEST_SWEEP = 10_000;

export interface Sweep {
  points: SweptPoint[];
  objective: Objective | null;
  halving: Halving | null;
}

export interface SweptPoint extends SweepPoint {
  /** dotted path → where in the file its value stands */
  places: Record<string, Path>;
}

/**
 * The points of a sweep: every combination of random draws, rows of the lists and values of the grid, the grid's last
 * path varying fastest. A point is its values: added ones leave the others what they were. `base` is the file without
 * its sweep.
 */
export function expandSweep(sweep: Json, base: Json, complain: (finding: Finding) => void): Sweep {
  const block = readSweep(sweep, base, complain);
  if (!block) return { points: [], objective: null, halving: null };
  const { axes, objective, halving } = block;
  const of = axes.reduce((product, { rows }) => product * rows.length, 1);
  if (of > LARGEST_SWEEP) {
    complain({
      path: ['sweep'],
      of: 'value',
      message: `${of.toLocaleString('en-US')} combinations, more than ${LARGEST_SWEEP.toLocaleString('en-US')}`,
      hint: 'random: { count: … } looks at some of them',
    });
    return { points: [], objective, halving };
  }
  const paths = axes.flatMap((axis) => axis.paths);
  const titleOf = titlesOf(paths);
  const points = Array.from({ length: of }, (_, index): SweptPoint => {
    const swept = combination(axes, index);
    const values = Object.fromEntries(swept.map(({ path, value }) => [path, value]));
    return {
      index,
      of,
      values,
      title: titleOf(values),
      places: Object.fromEntries(swept.map(({ path, at }) => [path, ['sweep', ...at]])),
    };
  });
  return { points, objective, halving };
}

/** The rows that point number `index` takes: its digits, the last axis being the lowest place. */
function combination(axes: Axis[], index: number): Swept[] {
  const picked: Swept[][] = [];
  let rest = index;
  for (const { rows } of axes.toReversed()) {
    picked.push(rows[rest % rows.length]!);
    rest = Math.floor(rest / rows.length);
  }
  return picked.reverse().flat();
}
