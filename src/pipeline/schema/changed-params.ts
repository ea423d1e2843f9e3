import { canonical } from '../plan/key.ts';
import type { Schema } from './check.ts';
import { isObject } from '../yaml/tree.ts';
import type { Json } from '../yaml/tree.ts';

/** The values that differ from the schema's defaults or have no default, by dotted path. */
export function changedParams(schema: Schema, value: Json, path = ''): { path: string; value: Json }[] {
  if (schema['default'] !== undefined && canonical(schema['default'] as Json) === canonical(value)) return [];
  if (!isObject(value)) return [{ path, value }];
  const properties = propertiesFor(schema, value);
  if (!properties) return [{ path, value }];
  return Object.entries(value).flatMap(([name, inner]) =>
    changedParams(properties[name] ?? {}, inner, path ? `${path}.${name}` : name),
  );
}

// ---------------------------------------------------------------------------

/** In a union: the properties of the branch that the value's `kind` names, or of the only branch that is a mapping. */
function propertiesFor(schema: Schema, value: { [key: string]: Json }): Record<string, Schema> | null {
  if (schema['properties']) return schema['properties'] as Record<string, Schema>;
  const branches = ((schema['anyOf'] as Schema[] | undefined) ?? []).flatMap((branch) =>
    branch['properties'] ? [branch['properties'] as Record<string, Schema>] : [],
  );
  return (
    branches.find((properties) => properties['kind']?.['const'] === value['kind'] && value['kind'] !== undefined) ??
    (branches.length === 1 ? branches[0]! : null)
  );
}
