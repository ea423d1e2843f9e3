import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedEvent, StageEvent } from '../pipeline/events.ts';
import { writeWhole } from './files.ts';
import { raiseFlag } from '../process/lock.ts';
import { EXIT } from './spec.ts';
import type { StageFailure, StageSpec } from './spec.ts';
import { lockDir, openStore, publish } from './store.ts';

/** What the runner calls, without knowing any stage kind. */
export interface StageCall {
  params: StageSpec['params'];
  runtime: StageSpec['runtime'];
  inputs: Record<string, string>;
  sources: Record<string, string>;
  outDir: string;
  scratchDir: string;
  emit(event: StageEvent): void;
  signal: AbortSignal;
}

/** The whole life of a stage process, from the spec's file to its exit code: run, then seal. */
export async function runStageHere(specPath: string, runKind: (kind: string, call: StageCall) => Promise<void>): Promise<number> {
  const spec = JSON.parse(readFileSync(specPath, 'utf8')) as StageSpec;
  const store = openStore(spec.storeDir);
  const lower = raiseFlag(lockDir(store, spec.key));
  const failurePath = join(spec.workDir, 'failure.json');
  rmSync(failurePath, { force: true });
  const stopping = stopSignal();
  const started = performance.now();
  try {
    const outDir = join(spec.workDir, 'out');
    const scratchDir = join(spec.workDir, 'scratch');
    rmSync(outDir, { recursive: true, force: true });
    mkdirSync(outDir, { recursive: true });
    mkdirSync(scratchDir, { recursive: true });
    const emit = eventWriter(join(spec.workDir, 'events.jsonl'));
    const { params, runtime, inputs, sources } = spec;
    await runKind(spec.kind, { params, runtime, inputs, sources, outDir, scratchDir, emit, signal: stopping.signal });
    await publish(store, spec.key, spec.preImage, (performance.now() - started) / 1000);
    return EXIT.done;
  } catch (error) {
    if (error instanceof Error && error.name === 'StageStopped') return EXIT.stopped;
    console.error(error);
    writeWhole(failurePath, JSON.stringify(failureOf(error, spec.workDir)));
    return EXIT.failed;
  } finally {
    stopping.close();
    lower();
  }
}

// ---------------------------------------------------------------------------

/** Fires on SIGTERM and SIGINT, and when the runner that started us has died: nobody would read what we write then. */
function stopSignal(): { signal: AbortSignal; close(): void } {
  const controller = new AbortController();
  const stop = () => controller.abort();
  const parent = process.ppid;
  const watch = setInterval(() => process.ppid !== parent && stop(), 500);
  watch.unref();
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // «save and go on»: a stage that can listens too; for the others Node would open its debugger
  process.on('SIGUSR1', () => {});
  return { signal: controller.signal, close: () => clearInterval(watch) };
}

function eventWriter(path: string): (event: StageEvent) => void {
  if (existsSync(path)) dropTornLine(path);
  return (event) => {
    const recorded: RecordedEvent = { ...event, time: Date.now() };
    const text = JSON.stringify(recorded, (key, value: unknown) => (key === 'value' && typeof value === 'number' && !Number.isFinite(value) ? String(value) : value));
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
  if (codesOf(error).includes('ENOSPC')) return { message: `no space left on the disk that holds ${workDir}`, hint: 'free some space and run again: nothing under a final name is half-written, and training goes on from its last checkpoint', stack: null };
  const hint = (error as { hint?: unknown }).hint;
  const input = error.name === 'StageInputError';
  return { message: error.message, hint: typeof hint === 'string' ? hint : null, stack: input ? null : (error.stack ?? null) };
}

/** Of an error and of what it was made from. */
function codesOf(error: Error): string[] {
  const { code, cause } = error as NodeJS.ErrnoException;
  return [...(code === undefined ? [] : [code]), ...(cause instanceof Error ? codesOf(cause) : [])];
}
