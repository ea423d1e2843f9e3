import type { ChildProcess } from 'node:child_process';

export interface ProgramOptions {
  /** ours, if absent */
  cwd?: string;
  /** all of its environment: nothing of ours is added */
  env: NodeJS.ProcessEnv;
  /** leader of a process group of its own, so that a Ctrl-C in the terminal does not reach it */
  detached?: boolean;
  /** standard input, output and error; a number is an open file descriptor; `ipc` after them opens a channel */
  stdio: readonly ('ignore' | 'pipe' | 'ipc' | number)[];
  /** SIGTERM after this time */
  timeoutMs?: number;
}

export interface StartedProgram {
  /** what it prints into pipes is lost unless someone listens at once */
  child: ChildProcess;
  /** its end, once its output is read too; never rejects */
  ended: Promise<ProgramEnd>;
}

export interface ProgramEnd {
  /** null if a signal ended it, or it could not be started */
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** why it could not be started */
  error: NodeJS.ErrnoException | null;
}

/** Starts a program. It is never killed for us: it outlives us, and a signal that we send it is the only one. */
export async function startProgram(
  program: string,
  args: readonly string[],
  { stdio, timeoutMs = 0, ...options }: ProgramOptions,
): Promise<StartedProgram> {
  // loaded here: most commands start no program
  const { execa } = await import('execa');
  const child = execa(program, args, {
    ...options,
    // any descriptor will do at run time; the types list 3 to 9 only
    stdio: stdio as ['ignore', 'pipe', 'pipe'],
    extendEnv: false,
    cleanup: false,
    reject: false,
    buffer: false,
    timeout: timeoutMs,
    serialization: 'json',
    // its default sends SIGKILL 5 s after our SIGTERM, while a stage may still be saving
    forceKillAfterDelay: false,
  });
  const ended = child.then(({ exitCode, signal, cause }) => ({
    exitCode: exitCode ?? null,
    signal: signal ?? null,
    error:
      exitCode === undefined && signal === undefined ? ((cause as NodeJS.ErrnoException | undefined) ?? null) : null,
  }));
  // No longer a promise: an async function that returned the child would wait for the program's end.
  void Object.defineProperty(child, 'then', { value: undefined });
  return { child: child as unknown as ChildProcess, ended };
}
