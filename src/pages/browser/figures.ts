/** Numbers with few enough digits to compare at a glance. */
import { withCommas } from '../../numbers/counted.ts';

export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 10_000) return withCommas(Math.round(value));
  if (size >= 100) return value.toFixed(1);
  return size >= 0.1 ? value.toFixed(3) : String(Number(value.toPrecision(3)));
}

export function duration(seconds: number | null): string {
  if (seconds === null) return '–';
  if (seconds < 100) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  const two = (value: number): string => String(value).padStart(2, '0');
  return minutes < 60
    ? `${minutes}:${two(Math.round(seconds) % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(Math.round(seconds) % 60)}`;
}
