import type { Diagnostic } from './diagnostic/diagnostic.ts';
import { unknownStep } from './dotted-path.ts';
import { takesText } from './schema/bare-text.ts';
import type { Schema } from './schema/check.ts';
import { placeInStages } from './hints/translate.ts';
import type { Kinds } from './stage-kind.ts';
import { parseTree } from './yaml/parse-tree.ts';
import type { PullInUsed } from './use.ts';
import { fillLocations, isObject, subtreeAt, valueAt, withValue } from './yaml/tree.ts';
import type { Json, Location, Locations, Path, Span, Tree } from './yaml/tree.ts';

type Mapping = { [key: string]: Json };

interface SetContext {
  pullIn: PullInUsed;
  kinds: Kinds;
}

export interface SetFile {
  /** with every `use:` as it was written */
  written: Tree;
  /** with the keys of the used files in place of every `use:` */
  full: Tree;
}

/**
 * Sets the values of `--set path=value` arguments in the file; the value is YAML. A value of `x.use` replaces the file
 * that `x` uses; keys beside that `use:` still win.
 */
export function applySets(
  tree: Tree,
  sets: string[],
  { pullIn, kinds }: SetContext,
  texts: Map<string, string>,
  diagnostics: Diagnostic[],
): SetFile {
  let result: SetFile = { written: tree, full: pullIn(tree) };
  for (const set of sets) {
    const file = `--set ${set}`;
    texts.set(file, set);
    const report = (span: Span, message: string, hint?: string): void =>
      void diagnostics.push({ file, ...span, message, ...(hint ? { hint } : {}) });
    result = withSet(result, set, { pullIn, kinds }, { file, report }) ?? result;
  }
  return result;
}

// ---------------------------------------------------------------------------

function withSet(
  before: SetFile,
  set: string,
  { pullIn, kinds }: SetContext,
  { file, report }: { file: string; report: (span: Span, message: string, hint?: string) => void },
): SetFile | null {
  const equals = set.indexOf('=');
  if (equals < 1) {
    report(
      { line: 1, column: 1, length: Math.max(1, set.length) },
      equals < 0 ? 'missing "="' : 'no path before the "="',
      '--set stages.model.params.steps=500',
    );
    return null;
  }
  const path = set.slice(0, equals).split('.');
  const stepSpan = (index: number): Span => ({
    line: 1,
    column: 1 + path.slice(0, index).join('.').length + (index > 0 ? 1 : 0),
    length: Math.max(1, path[index]?.length ?? 1),
  });
  const parsed = parseValue(file, set.slice(equals + 1), paramSchema(before.full.value, path, kinds));
  for (const diagnostic of parsed.diagnostics)
    report(
      { ...diagnostic, column: diagnostic.column + (diagnostic.line === 1 ? equals + 1 : 0) },
      `the value is not YAML: ${diagnostic.message}`,
      diagnostic.hint ?? 'a value with spaces, colons or brackets may need its own quotes: \'path="a: b"\'',
    );
  const unknown = unknownStep(before.full.value, path);
  if (unknown) {
    const place = path.length === 1 && !unknown.hint.startsWith('write');
    const hint = place ? placeInStages(path[0]!, parsed.tree.value, before.full.value as Mapping, kinds) : null;
    report(stepSpan(unknown.step), unknown.message, hint ?? unknown.hint);
  }
  if (unknown || parsed.diagnostics.length) return null;
  const valueSpan = { line: 1, column: equals + 2, length: Math.max(1, set.length - equals - 1) };
  const value = {
    value: parsed.tree.value,
    locations: { location: null, below: shifted(parsed.tree.locations, equals + 1).below },
  };
  const locationOfStep = (index: number) => ({
    file,
    key: stepSpan(index),
    value: index === path.length - 1 ? valueSpan : stepSpan(index),
  });
  const next = withValueInFile(before, { path, value, locationOfStep }, pullIn);
  if (!next)
    report(
      { line: 1, column: 1, length: equals },
      `"${path.join('.')}" goes through a plain value, or past the end of a list`,
    );
  return next;
}

export interface SetValue {
  path: Path;
  /** as written */
  value: Tree;
  /** where each step of the path was written */
  locationOfStep(index: number): Location | null;
}

/** The file with another value at a path; null if the path goes through a plain value. */
export function withValueInFile(
  { written, full }: SetFile,
  { path, value, locationOfStep }: SetValue,
  pullIn: PullInUsed,
): SetFile | null {
  const set = (tree: Tree, at: Path, subtree: Tree): Tree | null => {
    const next = withValue(tree, at, subtree);
    if (next) fillLocations(next, at, locationOfStep);
    return next;
  };
  const nextWritten = set(written, path, value);
  const user = path.at(-1) === 'use' ? path.slice(0, -1) : null;
  const own = user && nextWritten && subtreeAt(nextWritten, user);
  const nextFull = user ? own && set(full, user, pullIn(own)) : set(full, path, pullIn(value));
  // the path of a value, unlike that of a `use`, may go through a list of a used file
  return nextFull ? { written: nextWritten ?? written, full: nextFull } : null;
}

/**
 * The value as YAML. Where a param takes a text, what YAML takes for a mapping or does not understand is the text
 * itself, without quotes: `prompts=Ann: hi`, `template={name}: {text}`.
 */
function parseValue(file: string, value: string, schema: Schema | null): ReturnType<typeof parseTree> {
  const parsed = parseTree(file, withoutComment(value));
  if (!schema || !takesText(schema)) return parsed;
  const isText = !(schema['type'] === 'array' ? /^\s*["'[]/ : /^\s*["']/).test(value);
  return isText && (parsed.diagnostics.length > 0 || isObject(parsed.tree.value))
    ? parseTree(file, JSON.stringify(value.trim()))
    : parsed;
}

/** The schema of the param at a path; null if there is no such param. */
function paramSchema(file: Json, [top, stage, section, ...steps]: string[], kinds: Kinds): Schema | null {
  const name = String(valueAt(file, [top!, stage ?? '', 'kind']));
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (!kind || top !== 'stages' || (section !== 'params' && section !== 'runtime')) return null;
  return steps.reduce<Schema | null>(
    (schema, step) => (schema?.['properties'] as Record<string, Schema> | undefined)?.[step] ?? null,
    kind[section],
  );
}

/**
 * An argument has no comments: what YAML would take for one belongs to the value, as in `source=./My Chats #1`. Quoted
 * texts, lists and mappings are left as they are.
 */
function withoutComment(value: string): string {
  return /^\s*[^\s"'[{|>&*!]/.test(value) && /(^|\s)#/.test(value) ? JSON.stringify(value.trim()) : value;
}

/** Converts columns counted from the start of the value to columns of the whole argument, `path=value`. */
function shifted({ location, below }: Locations, by: number): Locations {
  const moved = (span: Span): Span => (span.line === 1 ? { ...span, column: span.column + by } : span);
  return {
    location: location && { file: location.file, key: moved(location.key), value: moved(location.value) },
    below: new Map([...below].map(([step, inner]) => [step, shifted(inner, by)])),
  };
}
