import { stringify } from 'yaml';
import type { Json } from '../yaml/tree.ts';

/** A key and its value on one line, to paste into a file: `schedule: { kind: cosine, peak: 0.001 }`. */
export const flowText = (key: string, value: Json): string => `${key}: ${flowValue(value)}`;

/** `{ kind: cosine, peak: 0.001 }` */
export const flowValue = (value: Json): string =>
  stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true })
    .trim()
    .replace(/\s*\n\s*/g, ' ');
