import { checkSchema } from '../schema/check.ts';
import type { Schema } from '../schema/check.ts';
import { checkOverlaps, pathsIn, pathsOf } from './paths.ts';
import type { Complain, Named, Reading } from './paths.ts';
import { distinctDraws } from './random.ts';
import type { Chance } from './random.ts';
import { halving, objective, range, sweepSchema } from './schema.ts';
import type { Halving, Objective, Range } from './schema.ts';
import { isObject } from '../yaml/tree.ts';
import type { Json, Path } from '../yaml/tree.ts';

/** A value and where it stands below `sweep`. */
export interface Swept {
  path: string;
  value: Json;
  at: Path;
}

/** One way in which points differ: each of its rows is a choice of values that belong together. */
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

/** The block `sweep:`, or null after every mistake in it was told. `base` is the file without it. */
export function readSweep(sweep: Json, base: Json, tell: Complain): SweepBlock | null {
  let faults = 0;
  const complain: Complain = (finding) => {
    faults++;
    tell({ ...finding, path: ['sweep', ...finding.path] });
  };
  if (!isObject(sweep) || Object.keys(sweep).length === 0) {
    complain({
      path: [],
      of: 'value',
      message: 'a sweep maps dotted paths to lists of values',
      hint: 'sweep: { stages.model.params.schedule.peak: [1.0e-4, 3.0e-4] }',
    });
    return null;
  }
  const direct = pathsOf(sweep, Object.keys(sweepSchema['properties'] as object), [], { base, complain });
  const grid = [
    ...direct,
    ...mapping(sweep, 'grid', complain, (part) => pathsOf(part, [], ['grid'], { base, complain })),
  ];
  const list = mapping(sweep, 'list', complain, (part) => pathsOf(part, [], ['list'], { base, complain }));
  const random = mapping(sweep, 'random', complain, (part) => randomAxes(part, { base, complain }));
  const axes = [
    ...random,
    ...pairedAxis(listsOf(list, complain), complain),
    ...listsOf(grid, complain).map(({ path, at, values }) => gridAxis(path, at, values, complain)),
  ];
  checkOverlaps([...grid, ...list, ...pathsIn(sweep['random'], 'random')], complain);
  if (faults === 0 && axes.length === 0)
    complain({
      path: [],
      of: 'value',
      message: 'nothing is swept',
      hint: 'name at least one path: stages.model.params.schedule.peak: [1.0e-4, 3.0e-4]',
    });
  const found = {
    objective: whole<Objective>(sweep, 'objective', objective, complain),
    halving: whole<Halving>(sweep, 'halving', halving, complain),
  };
  return faults > 0 ? null : { axes, ...found };
}

// --- grid and list ---------------------------------------------------------

type Lists = { path: string; at: Path; values: Json[] }[];

function listsOf(named: Named[], complain: Complain): Lists {
  return named.flatMap(({ path, at, value }) => {
    if (Array.isArray(value) && value.length > 0) return [{ path, at, values: value }];
    complain({
      path: at,
      of: 'value',
      message: 'expected a list of values',
      hint: isObject(value) && 'from' in value ? 'a range {from, to} belongs under `random:`' : '[1.0e-4, 3.0e-4]',
    });
    return [];
  });
}

function gridAxis(path: string, at: Path, values: Json[], complain: Complain): Axis {
  const twice = firstRepeated(values);
  if (twice !== null) complain({ path: [...at, twice], of: 'value', message: 'a value stands twice in the list' });
  return { paths: [path], rows: values.map((value, place) => [{ path, value, at: [...at, place] }]) };
}

function pairedAxis(lists: Lists, complain: Complain): Axis[] {
  const [first] = lists;
  if (!first) return [];
  const odd = lists.filter(({ values }) => values.length !== first.values.length);
  for (const { at, path, values } of odd)
    complain({
      path: at,
      of: 'value',
      message: `${values.length === 1 ? '1 value' : `${values.length} values`}, but "${first.path}" has ${first.values.length}`,
      hint: `lists are read side by side; for every combination put ${path} under \`grid:\``,
    });
  if (odd.length > 0) return [];
  const rows = first.values.map((_, row) =>
    lists.map(({ path, at, values }): Swept => ({ path, value: values[row]!, at: [...at, row] })),
  );
  const twice = firstRepeated(rows.map((row) => row.map(({ value }) => value)));
  if (twice !== null)
    complain({
      path: [...first.at, twice],
      of: 'value',
      message: `the values at place ${twice + 1} of the lists stood together before`,
    });
  return [{ paths: lists.map(({ path }) => path), rows }];
}

function firstRepeated(values: Json[]): number | null {
  const seen = new Set<string>();
  for (const [place, value] of values.entries()) {
    const text = JSON.stringify(value);
    if (seen.has(text)) return place;
    seen.add(text);
  }
  return null;
}

// --- random ----------------------------------------------------------------

function randomAxes(part: { [key: string]: Json }, { base, complain }: Reading): Axis[] {
  const { properties } = (sweepSchema['properties'] as Record<string, Schema>)['random'] as { properties: Schema };
  const words = Object.keys(properties);
  const named = pathsOf(part, words, ['random'], { base, complain });
  const settings = checkSchema(
    { type: 'object', properties, required: ['count'] },
    Object.fromEntries(Object.entries(part).filter(([key]) => words.includes(key))),
  );
  for (const finding of settings.findings) complain({ ...finding, path: ['random', ...finding.path] });
  const chances = named.flatMap(({ path, at, value }) => {
    const chance = chanceIn(value, at, complain);
    return chance ? [{ path, at, chance }] : [];
  });
  if (Object.keys(part).length === words.filter((word) => word in part).length)
    complain({
      path: ['random'],
      of: 'value',
      message: 'nothing is drawn',
      hint: 'stages.model.params.schedule.peak: { from: 1.0e-4, to: 1.0e-2, scale: log }',
    });
  if (settings.findings.length > 0 || chances.length === 0 || chances.length < named.length) return [];
  const { count, seed } = settings.value as { count: number; seed: number };
  const draws = distinctDraws(chances, { count, seed });
  if (draws.length < count)
    complain({
      path: ['random', 'count'],
      of: 'value',
      message: `${count} points are asked for, but there are only ${draws.length} different ones`,
      hint: `count: ${draws.length}, or a grid`,
    });
  return [
    {
      paths: chances.map(({ path }) => path),
      rows: draws.map((values) =>
        values.map((value, place): Swept => ({ path: chances[place]!.path, value, at: chances[place]!.at })),
      ),
    },
  ];
}

function chanceIn(value: Json, at: Path, complain: Complain): Chance | null {
  if (Array.isArray(value) && value.length > 0) return { kind: 'choice', values: value };
  if (!isObject(value)) {
    complain({
      path: at,
      of: 'value',
      message: 'expected a range or a list to choose from',
      hint: '{ from: 1.0e-4, to: 1.0e-2, scale: log }',
    });
    return null;
  }
  const checked = checkSchema(range, value);
  for (const finding of checked.findings) complain({ ...finding, path: [...at, ...finding.path] });
  if (checked.findings.length > 0) return null;
  const { from, to, scale, step } = checked.value as unknown as Range;
  const fault =
    to <= from
      ? `to: ${to} is not above from: ${from}`
      : scale === 'log' && from <= 0
        ? 'a log scale begins above 0'
        : step !== undefined && step > to - from
          ? `a step of ${step} is wider than the range`
          : null;
  if (fault) complain({ path: at, of: 'value', message: fault });
  return fault ? null : { kind: 'range', from, to, scale, ...(step === undefined ? {} : { step }) };
}

// --- the other words -------------------------------------------------------

function mapping<T>(
  sweep: { [key: string]: Json },
  word: string,
  complain: Complain,
  read: (part: { [key: string]: Json }) => T[],
): T[] {
  const part = sweep[word];
  if (part === undefined) return [];
  if (isObject(part) && Object.keys(part).length > 0) return read(part);
  complain({
    path: [word],
    of: 'value',
    message: `\`${word}:\` maps dotted paths to values`,
    hint: `${word}: { stages.model.params.schedule.peak: … }`,
  });
  return [];
}

function whole<T>(
  sweep: { [key: string]: Json },
  word: 'objective' | 'halving',
  schema: object,
  complain: Complain,
): T | null {
  if (sweep[word] === undefined) return null;
  const checked = checkSchema(schema as Schema, sweep[word]);
  for (const finding of checked.findings) complain({ ...finding, path: [word, ...finding.path] });
  return checked.value as unknown as T;
}
