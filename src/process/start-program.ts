import type { ChildProcess } from 'node:child_process';

export interface ProgramOptions {
  /** default: our working directory */
  cwd?: string;
  /** its whole environment; nothing is inherited from ours */
  env: NodeJS.ProcessEnv;
  /** starts a new process group, so that Ctrl-C in the terminal does not reach the program */
  detached?: boolean;
  /** standard input, output and error; a number is an open file descriptor; `ipc` after them opens a channel */
  stdio: readonly ('ignore' | 'pipe' | 'ipc' | number)[];
  /** SIGTERM after this time */
  timeoutMs?: number;
}

export interface StartedProgram {
  /** output to pipes is lost unless the caller listens at once */
  child: ChildProcess;
  /** resolves once the program has ended and its output is read; never rejects */
  ended: Promise<ProgramEnd>;
}

export interface ProgramEnd {
  /** null if a signal ended the program, or it could not be started */
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** why it could not be started */
  error: NodeJS.ErrnoException | null;
}

/** Starts a program. It is not killed when our process ends, and gets no signals except those that we send. */
export async function startProgram(
  program: string,
  args: readonly string[],
  { stdio, timeoutMs = 0, ...options }: ProgramOptions,
): Promise<StartedProgram> {
  // loaded here: most commands start no program
  const { execa } = await import('execa');
  const child = execa(program, args, {
    ...options,
    // any descriptor works at run time, but the types list only 3 to 9
    stdio: stdio as ['ignore', 'pipe', 'pipe'],
    extendEnv: false,
    cleanup: false,
    reject: false,
    buffer: false,
    timeout: timeoutMs,
    serialization: 'json',
    // by default, execa sends SIGKILL 5 s after SIGTERM, but a stage may need longer to save
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
