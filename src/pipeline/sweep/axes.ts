import { checkSchema } from '../schema/check.ts';
import type { Schema } from '../schema/check.ts';
import { checkOverlaps, pathsIn, pathsOf } from './paths.ts';
import type { Report, SweptPath, PathContext } from './paths.ts';
import { distinctDraws } from './random.ts';
import type { Chance } from './random.ts';
import { halving, objective, range, sweepSchema } from './schema.ts';
import type { Halving, Objective, Range } from './schema.ts';
import { isObject } from '../yaml/tree.ts';
import type { Json, Path } from '../yaml/tree.ts';

/** A value of a path, and where it is below `sweep`. */
export interface Swept {
  path: string;
  value: Json;
  sweepPath: Path;
}

/** One dimension of a sweep: each of its rows has one value for each of its paths. */
export interface Axis {
  paths: string[];
  rows: Swept[][];
}

export interface SweepBlock {
  /** the first varies slowest */
  axes: Axis[];
  objective: Objective | null;
  halving: Halving | null;
}

/** Reads the block `sweep:`; null if it has problems, all of them reported. `base` is the file without it. */
export function readSweep(sweep: Json, base: Json, reportProblem: Report): SweepBlock | null {
  let problemCount = 0;
  const report: Report = (problem) => {
    problemCount++;
    reportProblem({ ...problem, path: ['sweep', ...problem.path] });
  };
  if (!isObject(sweep) || Object.keys(sweep).length === 0) {
    report({
      path: [],
      target: 'value',
      message: 'a sweep maps dotted paths to lists of values',
      hint: 'sweep: { stages.model.params.schedule.peak: [1.0e-4, 3.0e-4] }',
    });
    return null;
  }
  const direct = pathsOf(sweep, Object.keys(sweepSchema['properties'] as object), [], { base, report });
  const grid = [...direct, ...mapping(sweep, 'grid', report, (part) => pathsOf(part, [], ['grid'], { base, report }))];
  const list = mapping(sweep, 'list', report, (part) => pathsOf(part, [], ['list'], { base, report }));
  const random = mapping(sweep, 'random', report, (part) => randomAxes(part, { base, report }));
  const axes = [
    ...random,
    ...pairedAxis(listsOf(list, report), report),
    ...listsOf(grid, report).map(({ path, sweepPath, values }) => gridAxis(path, sweepPath, values, report)),
  ];
  checkOverlaps([...grid, ...list, ...pathsIn(sweep['random'], 'random')], report);
  if (problemCount === 0 && axes.length === 0)
    report({
      path: [],
      target: 'value',
      message: 'nothing is swept',
      hint: 'name at least one path: stages.model.params.schedule.peak: [1.0e-4, 3.0e-4]',
    });
  const settings = {
    objective: settingOf<Objective>(sweep, 'objective', objective, report),
    halving: settingOf<Halving>(sweep, 'halving', halving, report),
  };
  return problemCount > 0 ? null : { axes, ...settings };
}

// --- grid and list ---------------------------------------------------------

type Lists = { path: string; sweepPath: Path; values: Json[] }[];

function listsOf(named: SweptPath[], report: Report): Lists {
  return named.flatMap(({ path, sweepPath, value }) => {
    if (Array.isArray(value) && value.length > 0) return [{ path, sweepPath, values: value }];
    report({
      path: sweepPath,
      target: 'value',
      message: 'expected a list of values',
      hint: isObject(value) && 'from' in value ? 'a range {from, to} belongs under `random:`' : '[1.0e-4, 3.0e-4]',
    });
    return [];
  });
}

function gridAxis(path: string, sweepPath: Path, values: Json[], report: Report): Axis {
  const repeated = firstRepeated(values);
  if (repeated !== null) report({ path: [...sweepPath, repeated], target: 'value', message: 'duplicate value' });
  return { paths: [path], rows: values.map((value, row) => [{ path, value, sweepPath: [...sweepPath, row] }]) };
}

function pairedAxis(lists: Lists, report: Report): Axis[] {
  const [first] = lists;
  if (!first) return [];
  const unequal = lists.filter(({ values }) => values.length !== first.values.length);
  for (const { sweepPath, path, values } of unequal)
    report({
      path: sweepPath,
      target: 'value',
      message: `${values.length === 1 ? '1 value' : `${values.length} values`}, but "${first.path}" has ${first.values.length}`,
      hint: `lists are read side by side; for every combination put ${path} under \`grid:\``,
    });
  if (unequal.length > 0) return [];
  const rows = first.values.map((_, row) =>
    lists.map(({ path, sweepPath, values }): Swept => ({ path, value: values[row]!, sweepPath: [...sweepPath, row] })),
  );
  const repeated = firstRepeated(rows.map((row) => row.map(({ value }) => value)));
  if (repeated !== null)
    report({
      path: [...first.sweepPath, repeated],
      target: 'value',
      message: `row ${repeated + 1} of the lists repeats an earlier row`,
    });
  return [{ paths: lists.map(({ path }) => path), rows }];
}

function firstRepeated(values: Json[]): number | null {
  const seen = new Set<string>();
  for (const [row, value] of values.entries()) {
    const text = JSON.stringify(value);
    if (seen.has(text)) return row;
    seen.add(text);
  }
  return null;
}

// --- random ----------------------------------------------------------------

function randomAxes(part: { [key: string]: Json }, { base, report }: PathContext): Axis[] {
  const { properties } = (sweepSchema['properties'] as Record<string, Schema>)['random'] as { properties: Schema };
  const settingNames = Object.keys(properties);
  const named = pathsOf(part, settingNames, ['random'], { base, report });
  const settings = checkSchema(
    { type: 'object', properties, required: ['count'] },
    Object.fromEntries(Object.entries(part).filter(([key]) => settingNames.includes(key))),
  );
  for (const problem of settings.problems) report({ ...problem, path: ['random', ...problem.path] });
  const chances = named.flatMap(({ path, sweepPath, value }) => {
    const chance = chanceIn(value, sweepPath, report);
    return chance ? [{ path, sweepPath, chance }] : [];
  });
  if (Object.keys(part).length === settingNames.filter((name) => name in part).length)
    report({
      path: ['random'],
      target: 'value',
      message: 'nothing is drawn',
      hint: 'stages.model.params.schedule.peak: { from: 1.0e-4, to: 1.0e-2, scale: log }',
    });
  if (settings.problems.length > 0 || chances.length === 0 || chances.length < named.length) return [];
  const { count, seed } = settings.value as { count: number; seed: number };
  const draws = distinctDraws(chances, { count, seed });
  if (draws.length < count)
    report({
      path: ['random', 'count'],
      target: 'value',
      message: `count is ${count}, but there are only ${draws.length} different points`,
      hint: `use count: ${draws.length} or a grid`,
    });
  return [
    {
      paths: chances.map(({ path }) => path),
      rows: draws.map((values) =>
        values.map((value, index): Swept => ({
          path: chances[index]!.path,
          value,
          sweepPath: chances[index]!.sweepPath,
        })),
      ),
    },
  ];
}

function chanceIn(value: Json, sweepPath: Path, report: Report): Chance | null {
  if (Array.isArray(value) && value.length > 0) return { kind: 'choice', values: value };
  if (!isObject(value)) {
    report({
      path: sweepPath,
      target: 'value',
      message: 'expected a range or a list to choose from',
      hint: '{ from: 1.0e-4, to: 1.0e-2, scale: log }',
    });
    return null;
  }
  const checked = checkSchema(range, value);
  for (const problem of checked.problems) report({ ...problem, path: [...sweepPath, ...problem.path] });
  if (checked.problems.length > 0) return null;
  const { from, to, scale, step } = checked.value as unknown as Range;
  const fault =
    to <= from
      ? `to: ${to} is not above from: ${from}`
      : scale === 'log' && from <= 0
        ? 'a log scale must start above 0'
        : step !== undefined && step > to - from
          ? `a step of ${step} is wider than the range`
          : null;
  if (fault) report({ path: sweepPath, target: 'value', message: fault });
  return fault ? null : { kind: 'range', from, to, scale, ...(step === undefined ? {} : { step }) };
}

// --- the other keys --------------------------------------------------------

function mapping<T>(
  sweep: { [key: string]: Json },
  key: string,
  report: Report,
  read: (part: { [key: string]: Json }) => T[],
): T[] {
  const part = sweep[key];
  if (part === undefined) return [];
  if (isObject(part) && Object.keys(part).length > 0) return read(part);
  report({
    path: [key],
    target: 'value',
    message: `\`${key}:\` maps dotted paths to values`,
    hint: `${key}: { stages.model.params.schedule.peak: … }`,
  });
  return [];
}

function settingOf<T>(
  sweep: { [key: string]: Json },
  key: 'objective' | 'halving',
  schema: object,
  report: Report,
): T | null {
  if (sweep[key] === undefined) return null;
  const checked = checkSchema(schema as Schema, sweep[key]);
  for (const problem of checked.problems) report({ ...problem, path: [key, ...problem.path] });
  return checked.value as unknown as T;
}
