import type { ErrorObject } from 'ajv';
import { isObject, valueAt } from '../yaml/tree.ts';
import type { Json } from '../yaml/tree.ts';

type Schema = { [key: string]: unknown };

/**
 * A value that fits no branch of a union gets one error instead of one for each branch. If only one branch is of the
 * value's type, the errors of that branch are kept instead.
 */
export function withoutRepeats(errors: ErrorObject[], root: Json): ErrorObject[] {
  const dropped = new Set<ErrorObject>();
  for (const union of errors) {
    if (union.keyword === 'if') dropped.add(union);
    if (union.keyword !== 'anyOf') continue;
    const branches = (union.parentSchema as Schema)['anyOf'] as Schema[];
    const value = valueAt(root, pathOf(union));
    const fitting = branches.flatMap((branch, index) =>
      branch['const'] === undefined && typeFits(branch, value) ? [index] : [],
    );
    const kept = fitting.length === 1 ? `${union.schemaPath}/${fitting[0]}/` : null;
    for (const error of errors)
      if (
        error.schemaPath.startsWith(`${union.schemaPath}/`) &&
        error.instancePath.startsWith(union.instancePath) &&
        !(kept && error.schemaPath.startsWith(kept))
      )
        dropped.add(error);
    if (kept) dropped.add(union);
  }
  return errors.filter((error) => !dropped.has(error));
}

/** The path of the checked value at which an error is. */
export const pathOf = (error: ErrorObject): string[] =>
  error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

// ---------------------------------------------------------------------------

function typeFits({ type }: Schema, value: Json | undefined): boolean {
  switch (type) {
    case 'integer':
    case 'number':
      return typeof value === 'number';
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'null':
      return value === null;
    default:
      return typeof value === type;
  }
}
