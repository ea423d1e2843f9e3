import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFileDurably } from '../../files/replace-file.ts';
import { killDescendants } from '../../process/descendants.ts';
import { isAliveHere } from '../../process/process-mark.ts';
import { startProgram } from '../../process/start-program.ts';
import type { ProcessMark } from '../../process/process-mark.ts';
import { ATTEMPT_LINE, EXIT, FAILURE_FILE } from '../../store/spec.ts';
import type { StageFailure } from '../../store/spec.ts';
import { marksIn } from './attempt-folder.ts';

/** `unknown`: not our child process, so there is no exit code; only the files it wrote show how it ended. */
export type Exit = 'done' | 'failed' | 'stopped' | 'busy' | 'paused' | 'full' | 'unknown';

export interface StageProcess {
  /** never rejects */
  ended: Promise<Exit>;
  /** asks it to save and continue */
  save(): void;
  /** asks it to save and stop */
  stop(): void;
  kill(): void;
}

export interface StageProcessOptions {
  cliPath: string;
  specPath: string;
  workDir: string;
  /** ids of the devices reserved for it; if empty, it sees the same devices as the runner */
  gpus: string[];
  /** limit of the JavaScript heap in GB; 0: Node's default */
  memory: number;
}

/**
 * Starts `runner exec-stage SPEC` on this machine, in its own session: Ctrl-C in the terminal reaches only the runner,
 * which decides what to do, and the stage continues if the runner dies. The output of the process goes to `log.txt` in
 * the work folder.
 */
export async function startLocalProcess({
  cliPath,
  specPath,
  workDir,
  gpus,
  memory,
}: StageProcessOptions): Promise<StageProcess> {
  const log = openSync(join(workDir, 'log.txt'), 'a');
  writeSync(log, `${ATTEMPT_LINE}${new Date().toISOString()}\n`);
  const heap = memory > 0 ? [`--max-old-space-size=${Math.max(64, Math.round(memory * 1000))}`] : [];
  const { child, ended: end } = startProgram(process.execPath, [...heap, cliPath, 'exec-stage', specPath], {
    detached: true,
    env: gpus.length ? { ...process.env, CUDA_VISIBLE_DEVICES: gpus.join(',') } : process.env,
    stdio: ['ignore', log, log],
  });
  let stopRequested = false;
  const ended = end.then(({ exitCode, signal, error }): Exit => {
    closeSync(log);
    if (error) recordNotStarted(workDir, error);
    // If it was killed, what it started is still there; if it was `busy`, another process owns what is there.
    if (exitCode !== EXIT.busy) killDescendants(marksIn(workDir));
    // The signal arrived before the process could listen for it; it had nothing to save yet.
    if (stopRequested && signal === 'SIGTERM') return 'stopped';
    const known = Object.entries(EXIT).find(([, code]) => code === exitCode);
    return known ? (known[0] as keyof typeof EXIT) : 'failed';
  });
  const stop = (): void => {
    stopRequested = true;
    child.kill('SIGTERM');
  };
  return { ended, save: () => void child.kill('SIGUSR1'), stop, kill: () => killAll(child.pid, workDir) };
}

/** Watches and signals, by process id, a stage process that has outlived the runner that started it. */
export function adoptProcess(mark: ProcessMark, workDir: string): StageProcess {
  const signal = (name: NodeJS.Signals): void => {
    if (!isAliveHere(mark)) return;
    try {
      process.kill(mark.pid, name);
    } catch {
      // it has just ended, or it belongs to another user and we cannot signal it
    }
  };
  const ended = new Promise<Exit>((resolve) => {
    const watching = setInterval(() => {
      if (isAliveHere(mark)) return;
      clearInterval(watching);
      killDescendants(marksIn(workDir));
      resolve('unknown');
    }, ADOPTED_POLL_MS);
  });
  return {
    ended,
    save: () => signal('SIGUSR1'),
    stop: () => signal('SIGTERM'),
    kill: () => (isAliveHere(mark) ? killAll(mark.pid, workDir) : undefined),
  };
}

/** Says why there is no process: not for lack of memory in the stage, and there is nothing of it in the log. */
function recordNotStarted(workDir: string, { code, stack = '' }: NodeJS.ErrnoException): void {
  const failure: StageFailure = {
    message: `the process of this stage could not be started: ${code ?? 'unknown error'}`,
    hint: 'the system refused it: see how many processes and open files you may have (ulimit -u, ulimit -n), and what else is running',
    stack,
  };
  try {
    replaceFileDurably(join(workDir, FAILURE_FILE), JSON.stringify(failure));
  } catch {
    // then the run says only that it failed
  }
}

/** Also kills the programs that a `command` stage started, whether they are in its process group or have left it. */
function killAll(pid: number | undefined, workDir: string): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // it has just ended
  }
  killDescendants(marksIn(workDir));
}

const ADOPTED_POLL_MS = 100;
