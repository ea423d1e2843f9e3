import type { SweepPoint } from '../pipeline.ts';
import type { Problem } from '../schema/check.ts';
import { readSweep } from './axes.ts';
import type { Axis, Swept } from './axes.ts';
import type { Halving, Objective } from './schema.ts';
import { namesOfFiles, titlesOf, usedFile } from './titles.ts';
import { valueAt } from '../yaml/tree.ts';
import type { Json, Path } from '../yaml/tree.ts';
import { withCommas } from '../../numbers/counted.ts';

/** A larger sweep is a mistake: nobody waits for that many runs. */
const MAX_POINTS = 10_000;

export interface Sweep {
  points: SweptPoint[];
  objective: Objective | null;
  halving: Halving | null;
}

export interface SweptPoint extends SweepPoint {
  /** dotted path → path of its value in the file */
  valuePaths: Record<string, Path>;
}

/**
 * The points of a sweep: every combination of random draws, rows of the lists and values of the grid. The last path of
 * the grid varies fastest. A point is determined by its values, so adding points does not change the others. `written`
 * is the sweep before used files were pulled in, `base` is the file without its sweep.
 */
export function expandSweep(
  { sweep, written }: { sweep: Json; written: Json },
  base: Json,
  report: (problem: Problem) => void,
): Sweep {
  const block = readSweep(sweep, base, report);
  if (!block) return { points: [], objective: null, halving: null };
  const { axes, objective, halving } = block;
  const count = axes.reduce((product, { rows }) => product * rows.length, 1);
  if (count > MAX_POINTS) {
    report({
      path: ['sweep'],
      target: 'value',
      message: `${withCommas(count)} combinations; the limit is ${withCommas(MAX_POINTS)}`,
      hint: 'random: { count: … } tries some of them',
    });
    return { points: [], objective, halving };
  }
  const paths = axes.flatMap((axis) => axis.paths);
  const titleOf = titlesOf(paths);
  const fileOf = ({ path, value, sweepPath }: Swept): string | null =>
    usedFile(path, valueAt(written, sweepPath)) ?? usedFile(path, value);
  const fileNames = namesOfFiles(axes.flatMap(({ rows }) => rows.flat().flatMap((swept) => fileOf(swept) ?? [])));
  const points = Array.from({ length: count }, (_, index): SweptPoint => {
    const swept = combination(axes, index);
    const values = Object.fromEntries(swept.map(({ path, value }) => [path, value]));
    const names = Object.fromEntries(
      swept.flatMap((value) => {
        const name = fileNames.get(fileOf(value) ?? '');
        return name === undefined ? [] : [[value.path, name]];
      }),
    );
    return {
      index,
      of: count,
      values,
      ...(Object.keys(names).length > 0 ? { names } : {}),
      title: titleOf({ ...values, ...names }),
      valuePaths: Object.fromEntries(swept.map(({ path, sweepPath }) => [path, ['sweep', ...sweepPath]])),
    };
  });
  return { points, objective, halving };
}

/** The values of the point with this index. The index is a mixed-radix number with one digit for each axis. */
function combination(axes: Axis[], index: number): Swept[] {
  const picked: Swept[][] = [];
  let rest = index;
  for (const { rows } of axes.toReversed()) {
    picked.push(rows[rest % rows.length]!);
    rest = Math.floor(rest / rows.length);
  }
  return picked.reverse().flat();
}
