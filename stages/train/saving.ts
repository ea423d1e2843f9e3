import { readdirSync, statSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { count } from './params/count.ts';
import type { Context } from './params/params.ts';
import { shapesOf } from './state.ts';

/** Decides when to save a checkpoint. The clock and SIGUSR1 affect nothing else, so they never change the result. */
export function openSaving({ runtime, emit }: Context) {
  const started = performance.now();
  let savedMs = started;
  let requested = false;
  const request = (): void => void (requested = true);
  // Replaces Node's own handler, which starts the debugger.
  process.on('SIGUSR1', request);
  const minutesSince = (ms: number): number => (performance.now() - ms) / 60_000;
  return {
    isDue(step: number): boolean {
      const { checkpointEvery, checkpointEveryMinutes } = runtime;
      return (
        requested ||
        step % checkpointEvery === 0 ||
        (checkpointEveryMinutes > 0 && minutesSince(savedMs) >= checkpointEveryMinutes)
      );
    },
    saved(step: number): void {
      if (requested) emit({ kind: 'note', text: `saved at step ${count(step)}, as requested by SIGUSR1` });
      emit({ kind: 'saved', step });
      requested = false;
      savedMs = performance.now();
    },
    /** Whether this attempt has used up its time; the next one resumes. */
    isTimeUp: () => runtime.stopAfterMinutes > 0 && minutesSince(started) >= runtime.stopAfterMinutes,
    close: () => void process.removeListener('SIGUSR1', request),
  };
}

/** Throws, before any long work, if the disk has too little space. */
export function checkSpace({ params, runtime, scratchDir }: Context): void {
  const shapes = Object.entries(shapesOf(params));
  const bytesOf = (some: typeof shapes): number =>
    some.reduce((sum, [, shape]) => sum + 4 * shape.reduce((product, length) => product * length, 1), 0);
  const sizes = {
    stateBytes: bytesOf(shapes),
    weightsBytes: bytesOf(shapes.filter(([name]) => name.startsWith('weights/'))),
  };
  const needed =
    spaceNeeded({ ...sizes, keepsStart: params.init.kind !== 'scratch', steps: params.steps, ...runtime }) -
    bytesBelow(scratchDir);
  const { bavail, bsize } = statfsSync(scratchDir);
  if (needed <= bavail * bsize) return;
  const [asked, free] = [needed, bavail * bsize].map((bytes) => `${count(Math.ceil(bytes / 1e6))} MB`);
  const least = runtime.keep.last === 1 && runtime.keep.every === 0;
  throw new StageInputError(
    `checkpoints and weights will need another ${asked}, but only ${free} are free on the disk`,
    least ? 'free some space' : 'free some space, or keep fewer checkpoints: `keep: { last: 1, every: 0 }`',
  );
}

/**
 * Maximum bytes on disk: the retained checkpoints and the one being written; the best weights, the new best ones being
 * written, and two sets of weights in the artifact; and any given weights, which the artifact links to.
 */
export function spaceNeeded({
  stateBytes,
  weightsBytes,
  keepsStart,
  steps,
  keep,
  checkpointEvery,
  checkpointEveryMinutes,
}: Sizes): number {
  // When saving by the clock, every step may have a checkpoint.
  const made = checkpointEveryMinutes > 0 ? steps : Math.ceil(steps / checkpointEvery);
  const kept = Math.min(made, keep.last + (keep.every > 0 ? Math.floor(steps / keep.every) + 1 : 0));
  return (kept + 1) * stateBytes + (keepsStart ? 5 : 4) * weightsBytes;
}

interface Sizes {
  stateBytes: number;
  weightsBytes: number;
  /** whether a copy of given weights, as they were before the first step, is stored too */
  keepsStart: boolean;
  steps: number;
  keep: { last: number; every: number };
  checkpointEvery: number;
  checkpointEveryMinutes: number;
}

function bytesBelow(dir: string): number {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
