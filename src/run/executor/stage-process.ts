import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedEvent, StageEvent } from '../../pipeline/events.ts';
import { StageInputError, StagePaused, StageStopped } from '../../pipeline/stage-kind.ts';
import type { Kinds, StageContract } from '../../pipeline/stage-kind.ts';
import { toJsonNumber } from '../../numbers/json-number.ts';
import { replaceFileDurably } from '../../files/replace-file.ts';
import { tryLock } from '../../process/lock.ts';
import { EXIT, FAILURE_FILE, STOPPED_FILE } from '../../store/spec.ts';
import type { StageFailure, StageSpec } from '../../store/spec.ts';
import { mappedStack } from './mapped-stack.ts';
import { publish } from '../../store/publish.ts';
import { digestSource } from '../../store/sources/digest.ts';
import { StoreError } from '../../store/store-error.ts';
import { lockDir, openStore, partsDir, statsDir } from '../../store/store.ts';
import { sweepParts } from '../../store/sweep-parts.ts';

/**
 * The whole life of a stage process, from the spec's file to its exit code: run, then seal. It needs no runner: one
 * that dies leaves it at work.
 */
export async function runStageHere(specPath: string, kinds: Kinds): Promise<number> {
  const spec = JSON.parse(readFileSync(specPath, 'utf8')) as StageSpec;
  const store = openStore(spec.storeDir);
  const lock = tryLock(lockDir(store, spec.key), 'stage');
  if (!('release' in lock)) return EXIT.busy;
  const stopping = stopSignal();
  const endings = [join(spec.workDir, FAILURE_FILE), join(spec.workDir, STOPPED_FILE)] as const;
  for (const path of endings) rmSync(path, { force: true });
  const emit = eventWriter(join(spec.workDir, 'events.jsonl'));
  const started = performance.now();
  try {
    const outDir = join(spec.workDir, 'out');
    const scratchDir = join(spec.workDir, 'scratch');
    rmSync(outDir, { recursive: true, force: true });
    mkdirSync(outDir, { recursive: true });
    mkdirSync(scratchDir, { recursive: true });
    const { params, runtime, inputs, sources } = spec;
    const kind = plannedKind(spec, kinds);
    await kind.run({
      params,
      runtime,
      inputs,
      sources,
      outDir,
      scratchDir,
      partsDir: partsDir(store),
      emit,
      signal: stopping.signal,
    });
    await checkSources(spec, kind, statsDir(store));
    await publish(store, spec.key, spec.preImage, (performance.now() - started) / 1000);
    sweepParts(partsDir(store));
    return EXIT.done;
  } catch (error) {
    if (error instanceof StageStopped) {
      replaceFileDurably(endings[1], '');
      return EXIT.stopped;
    }
    if (error instanceof StagePaused) {
      emit({ kind: 'paused', step: error.step });
      return EXIT.paused;
    }
    if (error instanceof Error && error.stack) error.stack = mappedStack(error.stack);
    console.error(error);
    replaceFileDurably(endings[0], JSON.stringify(failureOf(error, spec.workDir)));
    return EXIT.failed;
  } finally {
    stopping.close();
    lock.release();
  }
}

// ---------------------------------------------------------------------------

/** The stage's kind, which must be at the version that was planned: the runner may have been rebuilt since. */
function plannedKind({ kind: name, preImage }: StageSpec, kinds: Kinds): StageContract {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (!kind) throw new Error(`no stage kind "${name}"`);
  if (kind.version === preImage.version) return kind;
  throw new StageInputError(
    `this runner was rebuilt after the run had begun: ${name} is at version ${kind.version} now, the plan was made for ${preImage.version}`,
    'run again: it then plans with the new one',
  );
}

/**
 * What the key names must be what was read: a source that changed meanwhile must not be filed under the old content's
 * digest.
 */
async function checkSources({ sources, preImage }: StageSpec, kind: StageContract, statsDir: string): Promise<void> {
  for (const [param, planned] of Object.entries(preImage.sources)) {
    const path = sources[param];
    if (path === undefined) continue;
    const now = existsSync(path) ? await digestSource(path, kind.sourceFiles?.(param, path), { statsDir }) : null;
    if (now === planned) continue;
    const message =
      now === null ? `${path} was removed while the run went on` : `${path} changed after the run had begun`;
    throw new StageInputError(
      `${message}, so what was made of it is not kept`,
      'run again: it then reads what is there now',
    );
  }
}

/** Fires on SIGTERM and SIGINT. */
function stopSignal(): { signal: AbortSignal; close(): void } {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // «save and go on»: a stage that can listens too; for the others Node would open its debugger
  process.on('SIGUSR1', () => {});
  return { signal: controller.signal, close: () => [process.off('SIGTERM', stop), process.off('SIGINT', stop)] };
}

function eventWriter(path: string): (event: StageEvent) => void {
  if (existsSync(path)) dropTornLine(path);
  return (event) => {
    const recorded: RecordedEvent = { ...event, time: Date.now() };
    const text = JSON.stringify(
      recorded.kind === 'metric' ? { ...recorded, value: toJsonNumber(recorded.value) } : recorded,
    );
    appendFileSync(path, `${text}\n`);
  };
}

/** A killed attempt may have written half a line. */
function dropTornLine(path: string): void {
  const text = readFileSync(path);
  const whole = text.lastIndexOf(10) + 1;
  if (whole < statSync(path).size) truncateSync(path, whole);
}

function failureOf(error: unknown, workDir: string): StageFailure {
  if (!(error instanceof Error)) return { message: String(error), hint: null, stack: null };
  if (codesOf(error).includes('ENOSPC'))
    return {
      message: `no space left on the disk that holds ${workDir}`,
      hint: 'free some space and run again: nothing under a final name is half-written, and training goes on from its last checkpoint',
      stack: null,
    };
  if (error instanceof StoreError) return { message: error.message, hint: null, stack: null };
  if (error instanceof StageInputError) return { message: error.message, hint: error.hint ?? null, stack: null };
  return { message: error.message, hint: null, stack: error.stack ?? null };
}

/** Of an error and of what it was made from. */
function codesOf(error: Error): string[] {
  const { code, cause } = error as NodeJS.ErrnoException;
  return [...(code === undefined ? [] : [code]), ...(cause instanceof Error ? codesOf(cause) : [])];
}
