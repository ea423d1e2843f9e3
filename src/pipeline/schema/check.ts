import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { withLists } from './bare-text.ts';
import { suggestion } from '../diagnostic/nearest.ts';
import { flowText } from './flow-text.ts';
import { pathOf, withoutRepeats } from './union-errors.ts';
import { show, typeText, valueHint, valueText } from './value-words.ts';
import { isObject, valueAt } from '../yaml/tree.ts';
import type { Json, Path } from '../yaml/tree.ts';

/** A problem at a path of the checked value. */
export interface Problem {
  path: Path;
  /** whether the key or the value is at fault */
  target: 'key' | 'value';
  message: string;
  /** a function if it is slow to compute: of ten thousand problems, most are never shown */
  hint?: string | (() => string) | undefined;
  /** the name of the key that is missing in the mapping at `path` */
  missing?: string;
  /** the name of a key that the mapping may not have, and of those that it may */
  unknown?: { name: string; known: string[] };
  /** if only part of the key is at fault: a step of a dotted path */
  part?: { from: number; length: number; keyLength: number };
}

export type Schema = { [key: string]: unknown };

/** Checks a value against a JSON schema and returns it with every default filled in. */
export function checkSchema(schema: Schema, written: Json): { value: Json; problems: Problem[] } {
  const value = withLists(schema, written);
  const problems: Problem[] = [];
  const filled = structuredClone(value);
  const choices: Choices = { problems, taken: [] };
  const narrowed = narrow(schema, filled, [], choices);
  const validators = validatorsOf(schema, choices.taken.join(' '), narrowed);
  if (validators.quick(filled)) return { value: filled, problems };
  const checked = structuredClone(value);
  const thorough = validators.thorough();
  thorough(checked);
  problems.push(...withoutRepeats(thorough.errors ?? [], value).map((error) => problemOf(error, value)));
  return { value: checked, problems };
}

// ---------------------------------------------------------------------------

/**
 * Generating and compiling the validators' code takes almost all of the time, so these options skip what they can: the
 * schemas are not validated, because tests do that, and the generated code is not optimized. Only the second validator,
 * which is needed only for a value with errors, describes errors.
 */
const OPTIONS = { useDefaults: true, strict: false, validateSchema: false, meta: false, code: { optimize: false } };
const quickAjv = new Ajv({ ...OPTIONS, messages: false });
let thoroughAjv: Ajv | undefined;

interface Validators {
  /** Fills in defaults, and stops at the first error. */
  quick: ValidateFunction;
  /** Compiles a validator that reports every error, each with the rule of the schema that was broken. */
  thorough(): ValidateFunction;
}

interface Choices {
  problems: Problem[];
  /** the branches that `narrow` took, in order: together with the schema they determine the narrowed one */
  taken: string[];
}

const validatorsByBranches = new WeakMap<Schema, Map<string, Validators>>();
const validatorsByText = new Map<string, Validators>();

/** Compiling takes milliseconds, and thousands of stages may have the same shape. */
function validatorsOf(schema: Schema, taken: string, narrowed: Schema): Validators {
  const shapes = validatorsByBranches.get(schema) ?? new Map<string, Validators>();
  validatorsByBranches.set(schema, shapes);
  const known = shapes.get(taken);
  if (known) return known;
  const text = JSON.stringify(narrowed);
  const validators = validatorsByText.get(text) ?? compile(text);
  validatorsByText.set(text, validators);
  shapes.set(taken, validators);
  return validators;
}

function compile(text: string): Validators {
  let thorough: ValidateFunction | undefined;
  return {
    quick: quickAjv.compile(JSON.parse(text) as Schema),
    thorough() {
      thoroughAjv ??= new Ajv({ ...OPTIONS, allErrors: true, verbose: true });
      return (thorough ??= thoroughAjv.compile(JSON.parse(text) as Schema));
    },
  };
}

/**
 * Replaces each union of objects that are told apart by a constant `kind` by the branch that the value names, so that
 * errors are about that branch only.
 */
function narrow(schema: Schema, value: Json | undefined, path: Path, choices: Choices): Schema {
  const branches = schema['anyOf'] as Schema[] | undefined;
  const kinds = branches?.map(kindOf);
  if (branches && kinds?.every((kind) => kind !== null))
    return narrowUnion(schema, { branches, kinds }, value, path, choices);
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
    choices.taken.push(`${path.join('.')}#${value.length}`);
    return {
      ...schema,
      items: value.map((item, index) => narrow(items, item, [...path, index], choices)),
      additionalItems: false,
    };
  }
  return schema;
}

function narrowUnion(
  schema: Schema,
  { branches, kinds }: { branches: Schema[]; kinds: string[] },
  value: Json | undefined,
  path: Path,
  choices: Choices,
): Schema {
  const chosen = value === undefined ? (schema['default'] as Json | undefined) : value;
  const defaultKind = branches.map(defaultKindOf).find((kind) => kind !== null);
  const index = isObject(chosen) ? kinds.indexOf((chosen['kind'] ?? defaultKind) as string) : -1;
  const branch = branches[index];
  choices.taken.push(`${path.join('.')}:${branch ? index : isObject(value) ? 'none' : 'object'}`);
  if (branch) {
    const { anyOf: _, ...rest } = schema;
    return narrow({ ...rest, ...branch }, value, path, choices);
  }
  const { description, examples } = schema;
  if (!isObject(value)) return { type: 'object', description, examples };
  choices.problems.push(kindProblem(value['kind'], kinds, path));
  return {};
}

function kindProblem(kind: Json | undefined, kinds: string[], path: Path): Problem {
  if (kind === undefined)
    return { path, target: 'value', message: '"kind" is missing', hint: `one of: ${kinds.join(', ')}` };
  return {
    path: [...path, 'kind'],
    target: 'value',
    message: `unknown kind ${JSON.stringify(kind)}`,
    hint: suggestion(String(kind), kinds, 'kinds'),
  };
}

function kindOf(branch: Schema): string | null {
  const kind = (branch['properties'] as Record<string, Schema> | undefined)?.['kind']?.['const'];
  return typeof kind === 'string' ? kind : null;
}

/** The kind of this branch if a value without a kind belongs to it: then `kind` has a default. */
function defaultKindOf(branch: Schema): string | null {
  return (branch['properties'] as Record<string, Schema> | undefined)?.['kind']?.['default'] === kindOf(branch)
    ? kindOf(branch)
    : null;
}

function problemOf(error: ErrorObject, root: Json): Problem {
  const path = pathOf(error);
  const schema = error.parentSchema as Schema;
  const found = valueAt(root, path);
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey((error.params as { additionalProperty: string }).additionalProperty, schema, path);
    case 'required':
      return missingKey((error.params as { missingProperty: string }).missingProperty, schema, path);
    case 'enum':
    case 'const':
    case 'anyOf':
      return noBranchFits(found, schema, path);
    case 'type':
      return {
        path,
        target: 'value',
        message: `expected ${typeText(schema)}, found ${valueText(found)}`,
        hint: valueHint(schema, found) ?? described(schema),
      };
    default:
      return {
        path,
        target: 'value',
        message:
          error.keyword === 'pattern'
            ? `${show(found)} ${ruleText(error, schema)}`
            : `${named(path)}${ruleText(error, schema)}, not ${show(found)}`,
        hint: shareHint(found, schema) ?? described(schema),
      };
  }
}

/** `"validation" `; elements of lists are named by their number, counted from 1. */
function named(path: Path): string {
  const last = String(path.at(-1) ?? '');
  if (!/^\d+$/.test(last) || path.length < 2) return last === '' ? 'it ' : `"${last}" `;
  return `element ${Number(last) + 1} of "${String(path.at(-2))}" `;
}

/** Somebody who writes 10 where at most 1 is allowed thinks of percent. */
function shareHint(found: Json | undefined, schema: Schema): string | undefined {
  const most = schema['maximum'] ?? schema['exclusiveMaximum'];
  if (typeof found !== 'number' || typeof most !== 'number' || most > 1 || found <= 1 || found / 100 > most)
    return undefined;
  return `write ${found / 100} for ${found} %: ${described(schema) ?? 'it is a share'}`;
}

/** `must be at most 0.5` instead of `must be <= 0.5`. The description of a pattern is shown as the hint. */
function ruleText({ keyword, message = 'is not allowed' }: ErrorObject, schema: Schema): string {
  if (keyword === 'pattern' && described(schema)) return 'does not have the expected form';
  return message
    .replace('must be <= ', 'must be at most ')
    .replace('must be >= ', 'must be at least ')
    .replace('must be < ', 'must be less than ')
    .replace('must be > ', 'must be greater than ');
}

function unknownKey(name: string, schema: Schema, path: Path): Problem {
  const known = Object.keys((schema['properties'] as object | undefined) ?? {});
  return {
    path: [...path, name],
    target: 'key',
    message: `unknown key "${name}"`,
    unknown: { name, known },
    hint: () => placeOf(name, schema) ?? suggestion(name, known, 'known keys'),
  };
}

/** Where a key belongs that was written beside the mapping it is part of. */
function placeOf(name: string, schema: Schema): string | null {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);
  const parent = properties.find(([, { properties: below }]) => below && Object.hasOwn(below, name))?.[0];
  return parent === undefined ? null : `it belongs in ${parent}: ${parent}: { ${name}: … }`;
}

function missingKey(name: string, schema: Schema, path: Path): Problem {
  const own = (schema['properties'] as Record<string, Schema> | undefined)?.[name] ?? {};
  return { path, target: 'key', message: `"${name}" is missing`, missing: name, hint: exampleHint(name, own) };
}

/** What a missing key could look like, and what it is. */
function exampleHint(name: string, schema: Schema): string | undefined {
  const description = described(schema);
  const [example] = (schema['examples'] as Json[] | undefined) ?? [];
  if (example === undefined) return description === undefined ? undefined : `${name}: ${description}`;
  return `for example ${flowText(name, example)}${description === undefined ? '' : ` (${description})`}`;
}

/** A value that is none of a list of constants, or that fits no branch of a union. */
function noBranchFits(found: Json | undefined, schema: Schema, path: Path): Problem {
  const constants = allowed(schema);
  const branches = (schema['anyOf'] as Schema[] | undefined) ?? [];
  if (constants.length < branches.length)
    return {
      path,
      target: 'value',
      message: `expected ${branches.map(typeText).join(' or ')}, found ${valueText(found)}`,
      hint: described(schema),
    };
  return {
    path,
    target: 'value',
    message:
      constants.length > MANY
        ? `${named(path)}cannot be ${show(found)}`
        : `${show(found)} is not one of ${constants.map(show).join(', ')}`,
    hint: typeof found === 'string' ? suggestion(found, constants.map(String), 'values') : undefined,
  };
}

/** A message does not list more values than this; the hint has the first of them, or the one that was meant. */
const MANY = 8;

function allowed(schema: Schema): Json[] {
  if (Array.isArray(schema['enum'])) return schema['enum'] as Json[];
  if (schema['const'] !== undefined) return [schema['const'] as Json];
  const branches = (schema['anyOf'] as Schema[] | undefined) ?? [];
  return branches.flatMap((branch) => (branch['const'] === undefined ? [] : [branch['const'] as Json]));
}

const described = (schema: Schema): string | undefined =>
  typeof schema['description'] === 'string' ? schema['description'] : undefined;
