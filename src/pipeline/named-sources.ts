import type { StageContract } from './stage-kind.ts';
import { valueAt } from './yaml/tree.ts';
import type { Json } from './yaml/tree.ts';

/** A param that names a file or folder of the user. */
export interface NamedSource {
  /** dotted path; elements of a list are named by index: `code.0` */
  param: string;
  /** as written in the pipeline */
  named: string;
}

/** The sources that the params name, in the order of the kind's `sources` and of the lists. */
export function namedSources(kind: Pick<StageContract, 'sources'>, params: { [key: string]: Json }): NamedSource[] {
  return kind.sources.flatMap((param) => {
    const value = valueAt(params, param.split('.'));
    const named = Array.isArray(value)
      ? value.map((element, index) => ({ param: `${param}.${index}`, named: element }))
      : [{ param, named: value }];
    return named.filter((source): source is NamedSource => typeof source.named === 'string');
  });
}
