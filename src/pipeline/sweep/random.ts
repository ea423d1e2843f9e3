import { createHash } from 'node:crypto';
import type { Range } from './schema.ts';
import type { Json } from '../yaml/tree.ts';

/** The values that one path of a random sweep can take. */
export type Chance = { kind: 'choice'; values: Json[] } | ({ kind: 'range' } & Range);

/** A number in [0, 1) that depends only on seed, path and index of the draw: adding points does not change the others. */
export function chanceOf(seed: number, path: string, draw: number): number {
  return createHash('sha256').update(`${seed}\n${path}\n${draw}`).digest().readUIntBE(0, 6) / 2 ** 48;
}

/** The value for a number in [0, 1). */
export function valueOf(chance: Chance, fraction: number): Json {
  return chance.kind === 'choice'
    ? chance.values[Math.floor(fraction * chance.values.length)]!
    : inRange(chance, fraction);
}

/**
 * The first `count` distinct draws, each with a value for each path, in the order of `chances`. Fewer if there are not
 * that many.
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

function inRange({ from, to, scale, step }: Range, fraction: number): number {
  const value =
    scale === 'log'
      ? Math.exp(Math.log(from) + fraction * (Math.log(to) - Math.log(from)))
      : from + fraction * (to - from);
  if (step === undefined) return Math.min(to, Math.max(from, Number(value.toPrecision(3))));
  const last = Math.floor((to - from) / step + 1e-9);
  const steps = scale === 'log' ? Math.min(last, Math.round((value - from) / step)) : Math.floor(fraction * (last + 1));
  return Number((from + steps * step).toPrecision(12));
}
