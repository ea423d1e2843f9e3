import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { mayBeAlive } from '../../process/process-mark.ts';
import { startProgram } from '../../process/start-program.ts';
import type { ProcessMark } from '../../process/process-mark.ts';
import { ATTEMPT_LINE, EXIT } from '../../store/spec.ts';

/** `unknown`: the process was not ours, so how it ended stands only in what it left. */
export type Exit = 'done' | 'failed' | 'stopped' | 'busy' | 'paused' | 'unknown';

export interface StageProcess {
  /** never rejects */
  ended: Promise<Exit>;
  /** asks it to save and go on */
  save(): void;
  /** asks it to save and stop */
  stop(): void;
  kill(): void;
}

export interface StartedWith {
  cliPath: string;
  specPath: string;
  workDir: string;
  /** device ids that are its own; none: it sees what we see */
  gpus: string[];
  /** GB that it may fill; 0: Node's own limit */
  memory: number;
}

/**
 * Starts `runner exec-stage SPEC` on this machine. In a session of its own: a Ctrl-C of the terminal reaches the runner
 * alone, which then decides, and a runner that dies leaves the stage at work. What the process prints goes to `log.txt`
 * in the work folder.
 */
export async function startLocalProcess({
  cliPath,
  specPath,
  workDir,
  gpus,
  memory,
}: StartedWith): Promise<StageProcess> {
  const log = openSync(join(workDir, 'log.txt'), 'a');
  writeSync(log, `${ATTEMPT_LINE}${new Date().toISOString()}\n`);
  const heap = memory > 0 ? [`--max-old-space-size=${Math.max(64, Math.round(memory * 1000))}`] : [];
  const { child, ended: end } = await startProgram(process.execPath, [...heap, cliPath, 'exec-stage', specPath], {
    detached: true,
    env: gpus.length ? { ...process.env, CUDA_VISIBLE_DEVICES: gpus.join(',') } : process.env,
    stdio: ['ignore', log, log],
  });
  let asked = false;
  const ended = end.then(({ exitCode, signal }): Exit => {
    closeSync(log);
    // Asked before it could listen: it had nothing to save yet.
    if (asked && signal === 'SIGTERM') return 'stopped';
    const known = Object.entries(EXIT).find(([, code]) => code === exitCode);
    return known ? (known[0] as keyof typeof EXIT) : 'failed';
  });
  const stop = (): void => {
    asked = true;
    child.kill('SIGTERM');
  };
  return { ended, save: () => void child.kill('SIGUSR1'), stop, kill: () => killGroup(child.pid) };
}

/** A stage process that an earlier runner started and that outlived it: watched and asked by its number. */
export function adoptProcess(mark: ProcessMark): StageProcess {
  const signal = (name: NodeJS.Signals): void => {
    if (!mayBeAlive(mark)) return;
    try {
      process.kill(mark.pid, name);
    } catch {
      // it has just ended, or belongs to another user: then it ends when it will
    }
  };
  const ended = new Promise<Exit>((resolve) => {
    const watching = setInterval(() => {
      if (mayBeAlive(mark)) return;
      clearInterval(watching);
      resolve('unknown');
    }, ADOPTED_POLL_MS);
  });
  return {
    ended,
    save: () => signal('SIGUSR1'),
    stop: () => signal('SIGTERM'),
    kill: () => (mayBeAlive(mark) ? killGroup(mark.pid) : undefined),
  };
}

/** With all that it started: the processes of a `command` stage lie in its group. */
function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // it has just ended
  }
}

const ADOPTED_POLL_MS = 100;
