import { relative } from 'node:path';
import { withCommas } from '../../numbers/counted.ts';

/** `2026-11-24 12:51`, in the person's own time zone. */
export function when(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** A measured number with few digits, easy to compare: `2.104`, `0.00012`, `51,200`. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 10_000) return withCommas(Math.round(value));
  if (size >= 100) return value.toFixed(1);
  return size >= 0.1 ? value.toFixed(3) : String(Number(value.toPrecision(3)));
}

/** A path relative to the current folder if it is inside, else unchanged. */
export function nearPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near || '.';
}

/** The first characters of a digest or key: enough to distinguish it and to name it. */
export const short = (digest: string | null | undefined): string => (digest ? digest.slice(0, 10) : '–');
