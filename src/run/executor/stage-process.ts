import { existsSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { RecordedEvent, StageEvent } from '../../pipeline/events.ts';
import { StageInputError, StagePaused, StageStopped } from '../../pipeline/stage-kind.ts';
import type { Kinds, StageContract } from '../../pipeline/stage-kind.ts';
import { toJsonNumber } from '../../numbers/json-number.ts';
import { namesHidden } from '../../files/nameless-text.ts';
import { appendLine } from '../../files/append-line.ts';
import { namedSources, readsChats } from '../../pipeline/named-sources.ts';
import { replaceFileDurably } from '../../files/replace-file.ts';
import { unreachable } from '../../files/unreachable.ts';
import { DescendantLeft } from '../../process/descendants.ts';
import { tryLock } from '../../process/lock.ts';
import { EXIT, FAILURE_FILE, noSpace, STOPPED_FILE } from '../../store/spec.ts';
import type { StageFailure, StageSpec } from '../../store/spec.ts';
import type { Digest } from '../../pipeline/plan/key.ts';
import { appearanceOf, isIntact } from '../../store/sealed-inputs.ts';
import { beginAttempt } from './attempt-folder.ts';
import { DamagedInputs } from '../damaged-inputs.ts';
import { mappedStack } from './mapped-stack.ts';
import { publish } from '../../store/publish.ts';
import { digestSource, EMPTY_FOLDER } from '../../store/sources/digest.ts';
import { StoreError } from '../../store/store-error.ts';
import { lockDir, openStore, partsDir, statsDir } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { sweepParts } from '../../store/sweep-parts.ts';

/**
 * The whole life of a stage process, from the spec file to the exit code: run the stage, then seal its output. It does
 * not depend on the runner and continues if the runner dies.
 */
export async function runStageHere(specPath: string, kinds: Kinds): Promise<number> {
  const spec = JSON.parse(readFileSync(specPath, 'utf8')) as StageSpec;
  const store = openStore(spec.storeDir);
  const stopping = stopSignal(); // before the lock, which shows that this process listens for signals
  const lock = tryLock(lockDir(store, spec.key), 'stage');
  if (!('release' in lock)) return EXIT.busy;
  const failurePath = join(spec.workDir, FAILURE_FILE);
  const stoppedPath = join(spec.workDir, STOPPED_FILE);
  for (const path of [failurePath, stoppedPath]) rmSync(path, { force: true });
  const nameless = namelessFor(spec, kinds);
  const { emit, flush } = eventWriter(join(spec.workDir, 'events.jsonl'), nameless);
  const started = performance.now();
  try {
    const { mark, outDir, scratchDir } = await beginAttempt(spec.workDir);
    const { params, runtime, inputs, sources } = spec;
    const kind = plannedKind(spec, kinds);
    await checkInputs(store, spec);
    await checkSources(store, spec, kind);
    const read = appearances(spec, kind);
    await kind.run({
      params,
      runtime,
      inputs,
      sources,
      outDir,
      scratchDir,
      partsDir: partsDir(store),
      mark,
      emit,
      signal: stopping.signal,
    });
    await checkUnchanged(store, spec, { kind, read });
    flush();
    await publish(store, spec.key, spec.preImage, (performance.now() - started) / 1000, outDir);
    sweepParts(partsDir(store));
    return EXIT.done;
  } catch (error) {
    if (error instanceof StageStopped) {
      markStopped(stoppedPath);
      return EXIT.stopped;
    }
    if (error instanceof StagePaused) {
      emit({ kind: 'paused', step: error.step });
      return EXIT.paused;
    }
    if (error instanceof Error && error.stack) error.stack = mappedStack(error.stack);
    console.error(nameless(inspect(error)));
    return recordFailure(failurePath, failureOf(error, spec.workDir), nameless);
  } finally {
    stopping.close();
    lock.release();
  }
}

// ---------------------------------------------------------------------------

/** The stage's kind. Its version must be the planned one; it differs if the runner was rebuilt in between. */
function plannedKind({ kind: name, preImage }: StageSpec, kinds: Kinds): StageContract {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (!kind) throw new Error(`no stage kind "${name}"`);
  if (kind.version === preImage.version) return kind;
  throw new StageInputError(
    `the runner was rebuilt after this run started: the plan uses version ${preImage.version} of ${name}, the runner now has version ${kind.version}`,
    'run again to plan with the new version',
  );
}

/** A key covers the digests of its inputs, so nothing may be computed from other content. */
async function checkInputs(store: Store, { preImage }: StageSpec): Promise<void> {
  const damaged: Digest[] = [];
  for (const artifact of new Set(Object.values(preImage.inputs)))
    if (!(await isIntact(store, artifact))) damaged.push(artifact);
  if (damaged.length > 0) throw new DamagedInputs(damaged);
}

/** Also covered by the key: the content of the sources when the run was planned. */
async function checkSources(store: Store, { sources, preImage }: StageSpec, kind: StageContract): Promise<void> {
  for (const [param, planned] of Object.entries(preImage.sources)) {
    const path = sources[param];
    if (path === undefined) continue;
    const options = { statsDir: statsDir(store) };
    const missing = kind.optionalSources.includes(param) && unreachable(path) === null ? EMPTY_FOLDER : null;
    const now = existsSync(path) ? await digestSource(path, kind.sourceFiles?.(param, path), options) : missing;
    if (now === planned) continue;
    throw new StageInputError(
      now === null ? `${path} was removed during the run` : `${path} changed after the run had started`,
      'run again to read the current content',
    );
  }
}

/** Path → what changes when somebody writes to it, for all sources and inputs. */
function appearances({ sources, inputs }: StageSpec, kind: StageContract): Map<string, string> {
  return new Map([
    ...Object.values(inputs).map((path): [string, string] => [path, appearanceOf(path)]),
    ...Object.entries(sources).flatMap(([param, path]): [string, string][] =>
      existsSync(path) ? [[path, appearanceOf(path, kind.sourceFiles?.(param, path))]] : [],
    ),
  ]);
}

/**
 * Throws if anything that the stage read was written to meanwhile, even if it has its old content again. An input may
 * have got another name meanwhile, as a repeated file of another artifact: then its content decides.
 */
async function checkUnchanged(
  store: Store,
  spec: StageSpec,
  { kind, read }: { kind: StageContract; read: Map<string, string> },
): Promise<void> {
  await checkSources(store, spec, kind);
  const now = appearances(spec, kind);
  for (const [port, path] of Object.entries(spec.inputs))
    if (now.get(path) !== read.get(path) && !(await isIntact(store, spec.preImage.inputs[port]!)))
      throw new StageInputError(
        `the stage changed its input "${port}", so its output was discarded`,
        'write only to the output folder; the next run computes the input again',
      );
  for (const path of Object.values(spec.sources))
    if (now.get(path) !== read.get(path))
      throw new StageInputError(
        `${path} was written to while the stage was reading it, so the output was discarded`,
        'run again to read the current content',
      );
}

/** Fires on SIGTERM and SIGINT. */
function stopSignal(): { signal: AbortSignal; close(): void } {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // "Save and continue": stages that support it add their own listener. Without any listener, Node opens its debugger.
  process.on('SIGUSR1', () => {});
  return { signal: controller.signal, close: () => [process.off('SIGTERM', stop), process.off('SIGINT', stop)] };
}

interface EventWriter {
  emit(event: StageEvent): void;
  /** Writes what `emit` could not. Throws if the disk is still full. */
  flush(): void;
}

/**
 * While the disk is full, events wait in memory: a stage reports progress and metrics wherever it likes, also where
 * nothing could catch an error. If it needs the disk itself, it fails there.
 */
function eventWriter(path: string, nameless: (text: string) => string): EventWriter {
  const isLater = existsSync(path) && statSync(path).size > 0;
  if (isLater) dropTornLine(path);
  let waiting: string[] = [];
  const flush = (): void => {
    if (waiting.length > 0) appendLine(path, waiting.join('\n'));
    waiting = [];
  };
  const emit = (event: StageEvent): void => {
    if (waiting.length > 0 && event.kind === 'progress') return;
    waiting.push(lineOf(event, nameless));
    try {
      flush();
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  };
  if (isLater) emit({ kind: 'attempt' });
  return { emit, flush };
}

function lineOf(event: StageEvent, nameless: (text: string) => string): string {
  const hasText = event.kind === 'note' || event.kind === 'warning';
  const recorded: RecordedEvent = { ...(hasText ? { ...event, text: nameless(event.text) } : event), time: Date.now() };
  return JSON.stringify(recorded.kind === 'metric' ? { ...recorded, value: toJsonNumber(recorded.value) } : recorded);
}

/** A killed attempt may have written half a line. */
function dropTornLine(path: string): void {
  const text = readFileSync(path);
  const whole = text.lastIndexOf(10) + 1;
  if (whole < statSync(path).size) truncateSync(path, whole);
}

function failureOf(error: unknown, workDir: string): StageFailure {
  if (!(error instanceof Error)) return { message: String(error), hint: null, stack: null };
  if (error instanceof DamagedInputs)
    return { message: error.message, hint: null, stack: null, damaged: error.artifacts };
  if (isFull(error)) return noSpace(workDir);
  if (error instanceof StoreError) return { message: error.message, hint: null, stack: null };
  if (error instanceof StageInputError || error instanceof DescendantLeft)
    return { message: error.message, hint: error.hint ?? null, stack: null };
  return { message: error.message, hint: null, stack: error.stack ?? null };
}

/** Removes the names of people from the paths of the stage's sources, in everything that it notes or reports. */
function namelessFor({ kind: name, params, sources }: StageSpec, kinds: Kinds): (text: string) => string {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (kind && !readsChats(kind, params)) return (text) => text;
  const named = kind ? namedSources(kind, params) : [];
  return namesHidden([
    ...Object.values(sources).map((path) => ({ written: path, onDisk: path })),
    ...named.map(({ param, named: written }) => ({ written, onDisk: sources[param] ?? null })),
  ]);
}

/** A full disk may have no room for the reason either; then the exit code says it. */
function recordFailure(
  path: string,
  { message, hint, stack, ...rest }: StageFailure,
  nameless: (text: string) => string,
): number {
  const failure = {
    ...rest,
    message: nameless(message),
    hint: hint && nameless(hint),
    stack: stack && nameless(stack),
  };
  try {
    replaceFileDurably(path, JSON.stringify(failure satisfies StageFailure));
    return EXIT.failed;
  } catch (error) {
    if (!isFull(error)) throw error;
    return EXIT.full;
  }
}

/** Only a runner that adopted this process needs the mark; the others read the exit code. */
function markStopped(path: string): void {
  try {
    replaceFileDurably(path, '');
  } catch (error) {
    if (!isFull(error)) throw error;
  }
}

const isFull = (error: unknown): boolean =>
  error instanceof Error && codesOf(error).some((code) => code === 'ENOSPC' || code === 'EDQUOT');

/** The system error codes of an error and its causes. */
function codesOf(error: Error): string[] {
  const { code, cause } = error as NodeJS.ErrnoException;
  return [...(code === undefined ? [] : [code]), ...(cause instanceof Error ? codesOf(cause) : [])];
}
