import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { suggestion } from './nearest.ts';
import { isObject, valueAt } from './yaml-tree.ts';
import type { Json, Path } from './yaml-tree.ts';

/** A problem at a path of the checked value; `of` says whether the key or the value is at fault. */
export interface Finding {
  path: Path;
  of: 'key' | 'value';
  message: string;
  hint?: string;
}

export type Schema = { [key: string]: unknown };

/** Checks a value against a JSON schema and returns it with every default filled in. */
export function checkSchema(schema: Schema, value: Json): { value: Json; findings: Finding[] } {
  const findings: Finding[] = [];
  const filled = structuredClone(value);
  const validate = compiled(narrow(schema, filled, [], findings));
  validate(filled);
  findings.push(...(validate.errors ?? []).filter((error) => error.keyword !== 'if').map((error) => finding(error, value)));
  return { value: filled, findings };
}

// ---------------------------------------------------------------------------

const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: false, verbose: true });
const cache = new Map<string, ValidateFunction>();

function compiled(schema: Schema): ValidateFunction {
  const text = JSON.stringify(schema);
  const known = cache.get(text);
  if (known) return known;
  const fresh = ajv.compile(JSON.parse(text) as Schema);
  cache.set(text, fresh);
  return fresh;
}

/**
 * Replaces each union of objects that tell themselves apart by a constant `kind` by the one branch that the value names,
 * so that the errors speak of that branch only.
 */
function narrow(schema: Schema, value: Json | undefined, path: Path, findings: Finding[]): Schema {
  const branches = schema['anyOf'] as Schema[] | undefined;
  const kinds = branches?.map(kindOf);
  if (branches && kinds?.every((kind) => kind !== null)) {
    const meant = value === undefined ? (schema['default'] as Json | undefined) : value;
    const kind = isObject(meant) ? (meant['kind'] ?? branches.map(usualKind).find((usual) => usual !== null)) : undefined;
    const index = kinds.indexOf(kind as string);
    const branch = branches[index];
    if (branch) {
      const { anyOf: _, ...rest } = schema;
      return narrow({ ...rest, ...branch }, value, path, findings);
    }
    if (isObject(value)) {
      const known = kinds as string[];
      const found = value['kind'];
      findings.push(
        found === undefined
          ? { path, of: 'value', message: '"kind" is missing', hint: `one of: ${known.join(', ')}` }
          : { path: [...path, 'kind'], of: 'value', message: `unknown kind ${JSON.stringify(found)}`, hint: suggestion(String(found), known, 'kinds') },
      );
      return {};
    }
    return { type: 'object' };
  }
  const properties = schema['properties'] as Record<string, Schema> | undefined;
  if (properties) {
    const object = isObject(value) ? value : {};
    const narrowed = Object.entries(properties).map(([name, inner]) => [name, narrow(inner, object[name], [...path, name], findings)]);
    return { ...schema, properties: Object.fromEntries(narrowed) as Record<string, Schema> };
  }
  const items = schema['items'] as Schema | undefined;
  if (items && Array.isArray(value) && items['anyOf']) {
    return { ...schema, items: value.map((item, index) => narrow(items, item, [...path, index], findings)), additionalItems: false };
  }
  return schema;
}

function kindOf(branch: Schema): string | null {
  const kind = (branch['properties'] as Record<string, Schema> | undefined)?.['kind']?.['const'];
  return typeof kind === 'string' ? kind : null;
}

/** The kind that a value without one has, if this branch is it: its `kind` has a default. */
function usualKind(branch: Schema): string | null {
  return (branch['properties'] as Record<string, Schema> | undefined)?.['kind']?.['default'] === kindOf(branch) ? kindOf(branch) : null;
}

function finding(error: ErrorObject, root: Json): Finding {
  const path = error.instancePath.split('/').slice(1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const parent = error.parentSchema as Schema;
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = (error.params as { additionalProperty: string }).additionalProperty;
      const known = Object.keys((parent['properties'] as object | undefined) ?? {});
      return { path: [...path, name], of: 'key', message: `unknown key "${name}"`, hint: suggestion(name, known, 'known keys') };
    }
    case 'required': {
      const name = (error.params as { missingProperty: string }).missingProperty;
      const description = (parent['properties'] as Record<string, Schema> | undefined)?.[name]?.['description'];
      return { path, of: 'key', message: `"${name}" is missing`, hint: typeof description === 'string' ? `${name}: ${description}` : undefined };
    }
    case 'enum':
    case 'const':
    case 'anyOf': {
      const known = allowed(parent);
      const found = valueAt(root, path);
      if (known.length === 0) return { path, of: 'value', message: `${show(found)} does not fit here` };
      return { path, of: 'value', message: `${show(found)} is not one of ${known.map(show).join(', ')}`, hint: typeof found === 'string' ? suggestion(found, known.map(String), 'values') : undefined };
    }
    case 'type':
      return { path, of: 'value', message: `expected ${String(parent['type'])}, found ${nameOf(valueAt(root, path))}`, hint: numberHint(parent, valueAt(root, path)) };
    default:
      return { path, of: 'value', message: `${show(valueAt(root, path))} ${error.message ?? 'does not fit'}`, hint: typeof parent['description'] === 'string' ? parent['description'] : undefined };
  }
}

function allowed(schema: Schema): Json[] {
  if (Array.isArray(schema['enum'])) return schema['enum'] as Json[];
  if (schema['const'] !== undefined) return [schema['const'] as Json];
  const branches = (schema['anyOf'] as Schema[] | undefined) ?? [];
  return branches.flatMap((branch) => (branch['const'] === undefined ? [] : [branch['const'] as Json]));
}

const show = (value: Json | undefined): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80));

function nameOf(value: Json | undefined): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'a mapping';
  return `${typeof value} ${show(value)}`;
}

/** YAML 1.2 reads `3e-4` as a number but `1e3` typed with a comma or a unit as a string; say so. */
function numberHint(schema: Schema, value: Json | undefined): string | undefined {
  const wantsNumber = schema['type'] === 'number' || schema['type'] === 'integer';
  return wantsNumber && typeof value === 'string' ? 'write the number without quotes, commas or units' : undefined;
}
