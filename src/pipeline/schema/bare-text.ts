import { isObject } from '../yaml/tree.ts';
import type { Json } from '../yaml/tree.ts';

type Schema = { [key: string]: unknown };

/** Marks the schema of a list of texts for which a bare text may stand. */
export const OR_BARE_TEXT = 'orBareText';

/** Whether a value of this schema is a text, or may be written as one. */
export const takesText = (schema: Schema): boolean => schema['type'] === 'string' || schema[OR_BARE_TEXT] === true;

/** The value with a list in place of each bare text that stands for one. Shares with the given one what is the same. */
export function withLists(schema: Schema, value: Json): Json {
  if (schema[OR_BARE_TEXT] === true && typeof value === 'string') return [value];
  const properties = schema['properties'] as Record<string, Schema> | undefined;
  if (!properties || !isObject(value)) return value;
  const changed = Object.entries(properties).flatMap(([name, inner]) => {
    if (!Object.hasOwn(value, name)) return [];
    const listed = withLists(inner, value[name]!);
    return listed === value[name] ? [] : [[name, listed] as const];
  });
  return changed.length === 0 ? value : { ...value, ...Object.fromEntries(changed) };
}

/** The same schema for editors, which know nothing of the mark. */
export function withoutMark(schema: Schema): Schema {
  if (schema[OR_BARE_TEXT] !== true) return schema;
  const { [OR_BARE_TEXT]: _, description, default: usual, ...list } = schema;
  return {
    ...(description === undefined ? {} : { description }),
    ...(usual === undefined ? {} : { default: usual }),
    anyOf: [list, { type: 'string' }],
  };
}
