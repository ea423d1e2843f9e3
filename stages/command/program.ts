import type { ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import type { StageEvent } from '../../src/pipeline/events.ts';
import {
  descendantsOf,
  endDescendants,
  killDescendants,
  newMark,
  pidBelowDescendants,
  signalProcess,
  withMarkedLimit,
  withMarkedVariable,
} from '../../src/process/descendants.ts';
import { projectFolder } from '../../src/files/project-folder.ts';
import { onPath } from '../../src/process/program.ts';
import { startProgram } from '../../src/process/start-program.ts';
import type { ProgramEnd } from '../../src/process/start-program.ts';
import { lineReader } from './program-output.ts';

export interface Invocation {
  /** the program's path and its arguments */
  argv: string[];
  env: Record<string, string>;
  cwd: string;
  /** an open file, or null: the program reads nothing */
  stdin: number | null;
  /** an open file, or null: the log */
  stdout: number | null;
  /** `mark` of the stage */
  mark: string | undefined;
  signal: AbortSignal;
  /** how long after SIGTERM everything is killed; null: never */
  killAfterMs: number | null;
  emit(event: StageEvent): void;
}

/**
 * Runs a program until it has ended and everything that it started has ended too. What outlives it by more than 2 s is
 * killed, so that it cannot change the output later; then there is a warning. Passes SIGTERM on when the signal fires.
 * Throws a DescendantLeft if a process cannot be ended.
 */
export async function runToItsEnd(invocation: Invocation): Promise<ProgramEnd> {
  const { argv, env, cwd, stdin, stdout, mark = newMark(), signal, emit } = invocation;
  const [program, ...args] = withMarkedLimit(argv, mark);
  const { child, ended } = startProgram(program!, args, {
    cwd,
    env: withMarkedVariable(env, mark),
    stdio: [stdin ?? 'ignore', stdout ?? 'pipe', 'pipe'],
  });
  const stopping = openStopping(child, mark, invocation);
  try {
    readOutput(child, emit);
    // Not `ended`, which also waits for the output to be closed: a daemon may keep it open.
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    const left = await leftOf(mark);
    if (left > 0) await endDescendants([mark]);
    if (left > 0 && !signal.aborted) emit({ kind: 'warning', text: outlivedText(left) });
    await Promise.race([ended, sleep(OUTPUT_MS, undefined, { ref: false })]); // a timer would hold the process up
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    return await ended;
  } finally {
    stopping.close();
  }
}

/** The path of a program's file. Throws a StageInputError if it cannot be started. */
export function pathOf(program: string, env: Record<string, string>): string {
  const path = program.includes('/') ? resolve(projectFolder(), program) : onPath(program, env);
  if (path === null) throw cannotStart(program, 'ENOENT');
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch (error) {
    throw cannotStart(program, (error as NodeJS.ErrnoException).code);
  }
}

export const cannotStart = (program: string, why: string | undefined): StageInputError =>
  new StageInputError(`cannot start "${program}": ${why ?? 'unknown error'}`);

// -----------------------------------------------------------------------------------------------------------

/** Time to end by itself, for what ends when the program does: the `tee` of a shell's `> >(tee FILE)`. */
const GRACE_MS = 2000;
const POLL_MS = 50;
/** Node fires longer ones at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** All writers are dead by now, so the rest of the output is in the pipe. */
const OUTPUT_MS = 1000;

const outlivedText = (left: number): string =>
  `${left === 1 ? 'a process' : `${left} processes`} that the program had started outlived it by 2 s and ${left === 1 ? 'was' : 'were'} killed; {out} holds what was written until then. If it is not complete, let the program wait for the processes that it starts`;

/** The number of processes that are still there when the grace period is over. */
async function leftOf(mark: string): Promise<number> {
  for (let waited = 0; waited < GRACE_MS; waited += POLL_MS) {
    if (descendantsOf([mark], pidBelowDescendants()).length === 0) return 0;
    await sleep(POLL_MS);
  }
  return descendantsOf([mark]).length;
}

function readOutput(child: ChildProcess, emit: Invocation['emit']): void {
  for (const stream of [child.stdout, child.stderr]) {
    const lines = lineReader(emit, (text) => void process.stderr.write(text));
    stream?.setEncoding('utf8').on('data', lines.data).on('end', lines.end).on('close', lines.end);
  }
}

function openStopping(child: ChildProcess, mark: string, { signal, killAfterMs, emit }: Invocation): { close(): void } {
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    passOn(child, mark, 'SIGTERM');
    if (killAfterMs === null) return;
    timer = setTimeout(
      () => {
        emit({ kind: 'note', text: 'the program did not end in the time that killAfter allows, so it was killed' });
        child.kill('SIGKILL');
        killDescendants([mark]);
      },
      Math.min(killAfterMs, LONGEST_TIMER_MS),
    );
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  return {
    close() {
      signal.removeEventListener('abort', stop);
      clearTimeout(timer);
    },
  };
}

/**
 * Signals the program and everything it has started: the process group that this stage process leads, and what has left
 * it. The stage process receives the signal too, so this needs a handler to be installed; without one, the group is not
 * signalled.
 */
function passOn(child: ChildProcess, mark: string, signal: 'SIGTERM'): void {
  const ownGroup = process.listenerCount(signal) > 0 && signalProcess(-process.pid, signal);
  const found = descendantsOf([mark]);
  for (const { pid, group } of found) if (!(ownGroup && group === process.pid)) signalProcess(pid, signal);
  if (!ownGroup && !found.some(({ pid }) => pid === child.pid)) child.kill(signal);
}
