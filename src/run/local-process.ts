import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { EXIT } from './spec.ts';

export interface StageProcess {
  pid: number | undefined;
  /** never rejects */
  ended: Promise<'done' | 'failed' | 'stopped'>;
  /** asks it to save and go on */
  save(): void;
  /** asks it to save and stop */
  stop(): void;
  kill(): void;
}

/**
 * Starts `runner exec-stage SPEC` on this machine. In a process group of its own, so that a Ctrl-C of the terminal reaches
 * the runner alone, which then decides. What the process prints goes to `log.txt` in the work folder.
 */
export function startLocalProcess(cliPath: string, specPath: string, workDir: string): StageProcess {
  const log = openSync(join(workDir, 'log.txt'), 'a');
  const child = execa(process.execPath, ['--enable-source-maps', cliPath, 'exec-stage', specPath], {
    detached: true,
    cleanup: true,
    // any descriptor will do at run time; the types list 3 to 9 only
    stdio: ['ignore', log as 3, log as 3],
    reject: false,
    buffer: false,
  });
  const ended = child.then(({ exitCode }) => {
    closeSync(log);
    if (exitCode === EXIT.done) return 'done';
    return exitCode === EXIT.stopped ? 'stopped' : 'failed';
  });
  return { pid: child.pid, ended, save: () => void child.kill('SIGUSR1'), stop: () => void child.kill('SIGTERM'), kill: () => void child.kill('SIGKILL') };
}
