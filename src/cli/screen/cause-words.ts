import type { Cause, InputCause } from '../../pipeline/plan/causes.ts';
import type { PlannedStage } from '../../pipeline/plan/plan.ts';
import type { Json } from '../../pipeline/yaml/tree.ts';
import { changedFiles } from '../../store/sources/source-manifests.ts';
import type { FileChanges } from '../../store/sources/source-manifests.ts';
import { statsDir } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { short } from './shown-values.ts';

/** The causes of one stage as `plan` prints them, a short line each. `plan --json` has the same lines as `reasons`. */
export function planReasons({ stage }: PlannedStage, causes: Cause[]): string[] {
  const awaited = new Set(causes.flatMap((cause) => (isAwaited(cause) ? [cause.from] : [])));
  if (awaited.size) {
    const inFileOrder = new Set(Object.values(stage.inputs).filter((name) => awaited.has(name)));
    return [`waits for ${[...inFileOrder].join(', ')}`];
  }
  const resumes = causes.some(({ kind }) => kind === 'unfinished');
  return PLAN_ORDER.flatMap((kind) => causes.filter((cause) => cause.kind === kind))
    .filter(({ kind }) => !(kind === 'never-ran' && resumes))
    .map(planLine);
}

/**
 * The causes of one stage as `explain` and `diff` print them: the causes of an input are indented below it, after the
 * name of the stage that makes it. With a store, the changed files of a source are listed too.
 */
export function causeLines(causes: Cause[], store: Store | null, indent = '  ', stage: string | null = null): string[] {
  const label = stage === null ? '' : `${stage}: `;
  return causes.flatMap((cause) => [
    `${indent}${label}${explainLine(cause)}`,
    ...(cause.kind === 'source' && store ? fileLines(filesChangedBy(cause, store), `${indent}  `) : []),
    ...(cause.kind === 'input' ? causeLines(cause.causes, store, `${indent}  `, cause.from) : []),
  ]);
}

/** Which files of a source changed; null if the store does not have both file lists. */
export function filesChangedBy(
  { before, after }: Extract<Cause, { kind: 'source' }>,
  store: Store,
): FileChanges | null {
  return before && after ? changedFiles(statsDir(store), before, after) : null;
}

// ---------------------------------------------------------------------------

/** The most important first. */
const PLAN_ORDER: Cause['kind'][] = [
  'missing-source',
  'never-ran',
  'result-gone',
  'kind',
  'version',
  'param',
  'source',
  'input',
  'environment',
  'unfinished',
];
const PLAN_VALUE_LENGTH = 60;
const EXPLAIN_VALUE_LENGTH = 80;
const FILES_SHOWN = 5;

const isAwaited = (cause: Cause): cause is InputCause => cause.kind === 'input' && cause.after === null;

function planLine(cause: Cause): string {
  switch (cause.kind) {
    case 'never-ran':
      return 'has not run yet';
    case 'result-gone':
      return 'its result is not in the store';
    case 'unfinished':
      return 'resumes an unfinished attempt';
    case 'missing-source':
      return cause.message;
    case 'kind':
      return `kind: ${cause.before} → ${cause.after}`;
    case 'version':
      return `behaviour version: ${cause.before} → ${cause.after}`;
    case 'param':
      return `params.${cause.path}: ${changeText(cause, cutValue)}`;
    case 'environment':
      return `environment.${cause.name}: ${changeText(cause, cutValue)}`;
    case 'source':
      return `${cause.param}: ${cause.before === undefined ? 'added' : cause.after === undefined ? 'removed' : 'its content changed'}`;
    case 'input':
      return `input ${cause.port} changed`;
  }
}

/** Like `planLine`, with more detail where there is more to say. */
function explainLine(cause: Cause): string {
  switch (cause.kind) {
    case 'result-gone':
      return 'nothing changed, but its result is no longer in the store';
    case 'unfinished':
      return 'an unfinished attempt will be resumed';
    case 'param':
      return `params.${cause.path}: ${changeText(cause, clippedValue)}`;
    case 'environment':
      return `environment.${cause.name}: ${changeText(cause, clippedValue)}`;
    case 'source':
      return `content of ${cause.param}: ${short(cause.before)} → ${short(cause.after)}`;
    case 'input':
      return `input ${cause.port}${inputText(cause)}`;
    default:
      return planLine(cause);
  }
}

function inputText({ from, before, after }: InputCause): string {
  if (after !== null) return `${from === null ? '' : `, from ${from}`}: ${short(before)} → ${short(after)}`;
  if (before === undefined) return `: ${from} has no result yet`;
  return `: ${short(before)} → new result of ${from} (no rerun if the bytes are the same)`;
}

function fileLines(changes: FileChanges | null, indent: string): string[] {
  if (!changes) return [];
  return (['changed', 'added', 'removed'] as const)
    .filter((change) => changes[change].length > 0)
    .map((change) => `${indent}${change}: ${fileList(changes[change])}`);
}

function fileList(files: string[]): string {
  const shown = files.slice(0, FILES_SHOWN).join(', ');
  const more = files.length - FILES_SHOWN;
  return more > 0 ? `${shown} … and ${more.toLocaleString('en-US')} more` : shown;
}

function changeText(
  { before, after }: { before: Json | undefined; after: Json | undefined },
  valueText: (json: string) => string,
): string {
  const [old, now] = [before, after].map((value) => (value === undefined ? 'unset' : valueText(JSON.stringify(value))));
  return `${old} → ${now}`;
}

const cutValue = (json: string): string => json.slice(0, PLAN_VALUE_LENGTH);

const clippedValue = (json: string): string =>
  json.length > EXPLAIN_VALUE_LENGTH ? `${json.slice(0, EXPLAIN_VALUE_LENGTH - 1)}…` : json;
