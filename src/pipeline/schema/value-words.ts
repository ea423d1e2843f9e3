import { isObject } from '../yaml/tree.ts';
import type { Json } from '../yaml/tree.ts';

type Schema = { [key: string]: unknown };

export const show = (value: Json | undefined): string =>
  value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80);

/** A value in words: `text "abc"`, `a list`. */
export function valueText(value: Json | undefined): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'a mapping';
  return `${typeof value === 'string' ? 'text' : typeof value} ${show(value)}`;
}

/** The type that a schema wants, in words. */
export function typeText(schema: Schema): string {
  if (schema['const'] !== undefined) return show(schema['const'] as Json);
  switch (schema['type']) {
    case 'object':
      return 'a mapping';
    case 'array':
      return 'a list';
    case 'integer':
      return 'a whole number';
    case 'number':
      return 'a number';
    case 'string':
      return 'text';
    case 'boolean':
      return 'true or false';
    default:
      return 'another type';
  }
}

/** How to write what was probably meant, if the value gives it away. */
export function valueHint(schema: Schema, value: Json | undefined): string | undefined {
  switch (schema['type']) {
    case 'number':
    case 'integer':
      return typeof value === 'string' ? numberHint(value, schema['type'] === 'integer') : undefined;
    case 'string':
      if (isObject(value)) return quotedText(value);
      if (typeof value !== 'number' && typeof value !== 'boolean') return undefined;
      // In quotes, it would not have the form that is wanted, such as 30m.
      return typeof schema['pattern'] === 'string' && !new RegExp(schema['pattern'], 'u').test(String(value))
        ? undefined
        : `put it in quotes to make it text: "${String(value)}"`;
    case 'boolean':
      if (typeof value !== 'string') return undefined;
      return /^(yes|on|y)$/i.test(value) ? 'write true' : /^(no|off|n)$/i.test(value) ? 'write false' : undefined;
    case 'array':
      return typeof value === 'string' || typeof value === 'number'
        ? `for a list of one, write [${JSON.stringify(holdsTexts(schema) ? String(value) : value)}]`
        : undefined;
    default:
      return undefined;
  }
}

const holdsTexts = ({ items }: Schema): boolean => (items as Schema | undefined)?.['type'] === 'string';

/** `Ann: hi` without quotes is a mapping. */
function quotedText(mapping: { [key: string]: Json }): string {
  const rule = 'text that starts with "{" or contains ": " needs quotes';
  const [[key, value] = ['', []], ...others] = Object.entries(mapping);
  return others.length > 0 || typeof value !== 'string' ? rule : `${rule}: ${JSON.stringify(`${key}: ${value}`)}`;
}

const factors: Record<string, number> = { '': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9, '%': 0.01 };

/** `1,000`, `10k`, `5%` and `"3"` are text in YAML: gives the number that they stand for. */
function numberHint(text: string, whole: boolean): string {
  const [, digits, unit] =
    /^\s*([+-]?(?:\d{1,3}(?:[,_ ]\d{3})+|\d+)(?:\.\d*)?(?:e[+-]?\d+)?)\s*([kKMG%]?)\s*$/.exec(text) ?? [];
  const number =
    digits === undefined
      ? NaN
      : Number((Number(digits.replace(/[,_ ]/g, '')) * (factors[unit ?? ''] ?? NaN)).toPrecision(12));
  if (Number.isFinite(number) && (!whole || Number.isInteger(number))) return `write ${number}`;
  return 'write the number without quotes, commas or units';
}
