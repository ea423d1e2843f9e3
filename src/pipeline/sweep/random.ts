import { createHash } from 'node:crypto';
import type { Range } from './schema.ts';
import type { Json } from '../yaml/tree.ts';

/** What one path of a random sweep may be. */
export type Chance = { kind: 'choice'; values: Json[] } | ({ kind: 'range' } & Range);

/**
 * In [0, 1): depends on seed, path and the number of the draw alone, so that a point stays what it is when others are
 * added.
 */
export function chanceOf(seed: number, path: string, draw: number): number {
  return createHash('sha256').update(`${seed}\n${path}\n${draw}`).digest().readUIntBE(0, 6) / 2 ** 48;
}

/** The value at a chance in [0, 1). */
export function valueOf(chance: Chance, at: number): Json {
  return chance.kind === 'choice' ? chance.values[Math.floor(at * chance.values.length)]! : inRange(chance, at);
}

/**
 * The first `count` draws that differ from each other: for each a value per path, in the order of `chances`. Fewer, if
 * so many different ones cannot be found.
 */
export function distinctDraws(
  chances: { path: string; chance: Chance }[],
  { count, seed }: { count: number; seed: number },
): Json[][] {
  const drawn = new Map<string, Json[]>();
  for (let draw = 0; drawn.size < count && draw < 100 * count + 1000; draw++) {
    const values = chances.map(({ path, chance }) => valueOf(chance, chanceOf(seed, path, draw)));
    const text = JSON.stringify(values);
    if (!drawn.has(text)) drawn.set(text, values);
  }
  return [...drawn.values()];
}

// ---------------------------------------------------------------------------

function inRange({ from, to, scale, step }: Range, at: number): number {
  const value =
    scale === 'log' ? Math.exp(Math.log(from) + at * (Math.log(to) - Math.log(from))) : from + at * (to - from);
  if (step === undefined) return Math.min(to, Math.max(from, Number(value.toPrecision(3))));
  const last = Math.floor((to - from) / step + 1e-9);
  const place = scale === 'log' ? Math.min(last, Math.round((value - from) / step)) : Math.floor(at * (last + 1));
  return Number((from + place * step).toPrecision(12));
}
