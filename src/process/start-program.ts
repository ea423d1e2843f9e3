import { ChildProcess, spawn } from 'node:child_process';

export interface ProgramOptions {
  /** default: our working directory */
  cwd?: string;
  /** its whole environment; nothing is inherited from ours */
  env: NodeJS.ProcessEnv;
  /** starts a new process group, so that Ctrl-C in the terminal does not reach the program */
  detached?: boolean;
  /** standard input, output and error; a number is an open file descriptor; `ipc` after them opens a channel */
  stdio: readonly ('ignore' | 'pipe' | 'ipc' | number)[];
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

/**
 * Starts a program. It is not killed when our process ends, and gets no signals except those that we send. Uses Node's
 * own `spawn`: every stage starts here, and loading execa takes longer than starting a program.
 */
export function startProgram(
  program: string,
  args: readonly string[],
  { stdio, ...options }: ProgramOptions,
): StartedProgram {
  let child: ChildProcess;
  try {
    child = spawn(program, args, { ...options, stdio: [...stdio], serialization: 'json' });
  } catch (error) {
    // too many arguments, or a zero byte in one
    return {
      child: withoutProcess(new ChildProcess()),
      ended: Promise.resolve({ exitCode: null, signal: null, error: error as NodeJS.ErrnoException }),
    };
  }
  const ended = new Promise<ProgramEnd>((resolve) => {
    // not `once`: each signal that the system refuses is an error too, and one that nobody hears ends our process
    child.on('error', (error) => {
      if (child.pid === undefined) resolve({ exitCode: null, signal: null, error });
    });
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, error: null }));
  });
  return { child: child.pid === undefined ? withoutProcess(child) : child, ended };
}

// ---------------------------------------------------------------------------

/** Without a process, Node's own `kill` would signal our whole process group. */
const withoutProcess = (child: ChildProcess): ChildProcess => Object.assign(child, { kill: () => false });
