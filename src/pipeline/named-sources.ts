import type { StageContract } from './stage-kind.ts';
import { isObject } from './yaml/tree.ts';
import type { Json } from './yaml/tree.ts';

/** A param that names a file or folder of the user. */
export interface NamedSource {
  /** dotted path; elements of a list are named by index: `code.0`, `sources.1.path` */
  param: string;
  /** as written in the pipeline */
  named: string;
}

/** The sources that the params name, in the order of the kind's `sources` and of the lists. */
export function namedSources(kind: Pick<StageContract, 'sources'>, params: { [key: string]: Json }): NamedSource[] {
  return kind.sources.flatMap((param) => namedBelow(params, param.split('.'), []));
}

// ---------------------------------------------------------------------------

function namedBelow(value: Json | undefined, [step, ...rest]: string[], path: string[]): NamedSource[] {
  if (Array.isArray(value) && (step === undefined || step === '*'))
    return value.flatMap((element, index) => namedBelow(element, rest, [...path, String(index)]));
  if (step === undefined) return typeof value === 'string' ? [{ param: path.join('.'), named: value }] : [];
  return isObject(value) && Object.hasOwn(value, step) ? namedBelow(value[step], rest, [...path, step]) : [];
}

/** Whether its sources are people's chats, whose files and folders are often named after them. */
export const readsChats = (kind: Pick<StageContract, 'output'>, params: { [key: string]: Json }): boolean =>
  kind.output(params) === 'conversations';
