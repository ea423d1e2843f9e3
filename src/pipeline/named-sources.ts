import type { StageContract } from './stage-kind.ts';
import { valueAt } from './yaml/tree.ts';
import type { Json } from './yaml/tree.ts';

/** A param that names a file or folder of the user's. */
export interface NamedSource {
  /** dotted path; the places of a list are steps of it: `code.0` */
  param: string;
  /** as the pipeline writes it */
  named: string;
}

/** What a stage's params name, in the order of the kind's `sources` and of the lists. */
export function namedSources(kind: Pick<StageContract, 'sources'>, params: { [key: string]: Json }): NamedSource[] {
  return kind.sources.flatMap((param) => {
    const value = valueAt(params, param.split('.'));
    const named = Array.isArray(value)
      ? value.map((one, place) => ({ param: `${param}.${place}`, named: one }))
      : [{ param, named: value }];
    return named.filter((source): source is NamedSource => typeof source.named === 'string');
  });
}
