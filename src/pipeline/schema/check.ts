import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { suggestion } from '../diagnostic/nearest.ts';
import { pathOf, withoutEchoes } from './union-errors.ts';
import { nameOf, show, valueHint, wanted } from './value-words.ts';
import { isObject, valueAt } from '../yaml/tree.ts';
import type { Json, Path } from '../yaml/tree.ts';

/** A problem at a path of the checked value; `of` says whether the key or the value is at fault. */
export interface Finding {
  path: Path;
  of: 'key' | 'value';
  message: string;
  /** as a function, if looking for it takes time: with ten thousand errors, most are never shown */
  hint?: string | (() => string) | undefined;
  /** which part of the key is meant: a step of a dotted path */
  part?: { from: number; length: number; keyLength: number };
}

export type Schema = { [key: string]: unknown };

/** Checks a value against a JSON schema and returns it with every default filled in. */
export function checkSchema(schema: Schema, value: Json): { value: Json; findings: Finding[] } {
  const findings: Finding[] = [];
  const filled = structuredClone(value);
  const choices: Choices = { findings, taken: [] };
  const narrowed = narrow(schema, filled, [], choices);
  const validate = compiled(schema, choices.taken.join(' '), narrowed);
  validate(filled);
  findings.push(...withoutEchoes(validate.errors ?? [], value).map((error) => finding(error, value)));
  return { value: filled, findings };
}

// ---------------------------------------------------------------------------

/**
 * The schemas are our own and tested: checking them, and making the generated code shorter, took two thirds of the
 * time.
 */
const ajv = new Ajv({
  allErrors: true,
  useDefaults: true,
  strict: false,
  verbose: true,
  validateSchema: false,
  meta: false,
  code: { optimize: false },
});

/** What `narrow` decided, in its order: together with the schema it says what came out. */
interface Choices {
  findings: Finding[];
  taken: string[];
}

const known = new WeakMap<Schema, Map<string, ValidateFunction>>();
const compiledTexts = new Map<string, ValidateFunction>();

/** Compiling takes milliseconds, and two thousand stages may have one shape. */
function compiled(schema: Schema, taken: string, narrowed: Schema): ValidateFunction {
  const shapes = known.get(schema) ?? new Map<string, ValidateFunction>();
  known.set(schema, shapes);
  const before = shapes.get(taken);
  if (before) return before;
  const text = JSON.stringify(narrowed);
  const validate = compiledTexts.get(text) ?? ajv.compile(JSON.parse(text) as Schema);
  compiledTexts.set(text, validate);
  shapes.set(taken, validate);
  return validate;
}

/**
 * Replaces each union of objects that tell themselves apart by a constant `kind` by the one branch that the value
 * names, so that the errors speak of that branch only.
 */
function narrow(schema: Schema, value: Json | undefined, path: Path, choices: Choices): Schema {
  const { findings, taken } = choices;
  const branches = schema['anyOf'] as Schema[] | undefined;
  const kinds = branches?.map(kindOf);
  if (branches && kinds?.every((kind) => kind !== null)) {
    const meant = value === undefined ? (schema['default'] as Json | undefined) : value;
    const kind = isObject(meant)
      ? (meant['kind'] ?? branches.map(usualKind).find((usual) => usual !== null))
      : undefined;
    const index = kinds.indexOf(kind as string);
    const branch = branches[index];
    taken.push(`${path.join('.')}:${branch ? index : isObject(value) ? 'none' : 'object'}`);
    if (branch) {
      const { anyOf: _, ...rest } = schema;
      return narrow({ ...rest, ...branch }, value, path, choices);
    }
    if (isObject(value)) {
      const known = kinds;
      const found = value['kind'];
      findings.push(
        found === undefined
          ? { path, of: 'value', message: '"kind" is missing', hint: `one of: ${known.join(', ')}` }
          : {
              path: [...path, 'kind'],
              of: 'value',
              message: `unknown kind ${JSON.stringify(found)}`,
              hint: suggestion(String(found), known, 'kinds'),
            },
      );
      return {};
    }
    return { type: 'object' };
  }
  const properties = schema['properties'] as Record<string, Schema> | undefined;
  if (properties) {
    const object = isObject(value) ? value : {};
    const narrowed = Object.entries(properties).map(([name, inner]) => [
      name,
      narrow(inner, object[name], [...path, name], choices),
    ]);
    return { ...schema, properties: Object.fromEntries(narrowed) as Record<string, Schema> };
  }
  const items = schema['items'] as Schema | undefined;
  if (items && Array.isArray(value) && items['anyOf']) {
    taken.push(`${path.join('.')}#${value.length}`);
    return {
      ...schema,
      items: value.map((item, index) => narrow(items, item, [...path, index], choices)),
      additionalItems: false,
    };
  }
  return schema;
}

function kindOf(branch: Schema): string | null {
  const kind = (branch['properties'] as Record<string, Schema> | undefined)?.['kind']?.['const'];
  return typeof kind === 'string' ? kind : null;
}

/** The kind that a value without one has, if this branch is it: its `kind` has a default. */
function usualKind(branch: Schema): string | null {
  return (branch['properties'] as Record<string, Schema> | undefined)?.['kind']?.['default'] === kindOf(branch)
    ? kindOf(branch)
    : null;
}

function finding(error: ErrorObject, root: Json): Finding {
  const path = pathOf(error);
  const parent = error.parentSchema as Schema;
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = (error.params as { additionalProperty: string }).additionalProperty;
      const known = Object.keys((parent['properties'] as object | undefined) ?? {});
      return {
        path: [...path, name],
        of: 'key',
        message: `unknown key "${name}"`,
        hint: () => suggestion(name, known, 'known keys'),
      };
    }
    case 'required': {
      const name = (error.params as { missingProperty: string }).missingProperty;
      const description = (parent['properties'] as Record<string, Schema> | undefined)?.[name]?.['description'];
      return {
        path,
        of: 'key',
        message: `"${name}" is missing`,
        hint: typeof description === 'string' ? `${name}: ${description}` : undefined,
      };
    }
    case 'enum':
    case 'const':
    case 'anyOf': {
      const known = allowed(parent);
      const found = valueAt(root, path);
      const branches = error.keyword === 'anyOf' ? (parent['anyOf'] as Schema[]) : [];
      if (known.length < branches.length)
        return {
          path,
          of: 'value',
          message: `expected ${branches.map(wanted).join(' or ')}, found ${nameOf(found)}`,
          hint: described(parent),
        };
      return {
        path,
        of: 'value',
        message: `${show(found)} is not one of ${known.map(show).join(', ')}`,
        hint: typeof found === 'string' ? suggestion(found, known.map(String), 'values') : undefined,
      };
    }
    case 'type':
      return {
        path,
        of: 'value',
        message: `expected ${wanted(parent)}, found ${nameOf(valueAt(root, path))}`,
        hint: valueHint(parent, valueAt(root, path)) ?? described(parent),
      };
    default:
      return {
        path,
        of: 'value',
        message: `${show(valueAt(root, path))} ${error.message ?? 'does not fit'}`,
        hint: described(parent),
      };
  }
}

function allowed(schema: Schema): Json[] {
  if (Array.isArray(schema['enum'])) return schema['enum'] as Json[];
  if (schema['const'] !== undefined) return [schema['const'] as Json];
  const branches = (schema['anyOf'] as Schema[] | undefined) ?? [];
  return branches.flatMap((branch) => (branch['const'] === undefined ? [] : [branch['const'] as Json]));
}

const described = (schema: Schema): string | undefined =>
  typeof schema['description'] === 'string' ? schema['description'] : undefined;
