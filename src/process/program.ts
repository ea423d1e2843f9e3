/** Finds other programs, runs them and collects their output. */
import { accessSync, closeSync, constants, existsSync, openSync, readSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ProgramEnd } from './start-program.ts';

/** The first executable of that name on the PATH. */
export function onPath(name: string, env: NodeJS.ProcessEnv): string | null {
  for (const dir of (env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(join(dir, name), constants.X_OK);
      return join(dir, name);
    } catch {
      // not in this folder
    }
  }
  return null;
}

/** The Python interpreter in the first line of a program that pip installed; null for other programs. */
export function interpreterOf(program: string): string | null {
  const head = Buffer.alloc(1024);
  const fd = openSync(program, 'r');
  const text = head.toString('utf8', 0, readSync(fd, head, 0, head.length, 0));
  closeSync(fd);
  const direct = /^#!\s*(\S*python[\d.]*)\s*$/m.exec(text.split('\n')[0] ?? '')?.[1];
  // pip writes this for long paths and paths with spaces
  const throughSh = /^'''exec' "?([^"\n]*python[\d.]*)"? /m.exec(text)?.[1];
  const found = direct ?? throughSh ?? null;
  return found && existsSync(found) ? found : null;
}

export interface RunOptions {
  /** its whole environment; nothing is inherited from ours */
  env: NodeJS.ProcessEnv;
  /** default: our working directory */
  cwd?: string;
  /** SIGTERM after this time, SIGKILL 5 s later */
  timeoutMs?: number;
}

export interface ProgramResult extends ProgramEnd {
  stdout: string;
  stderr: string;
}

/** Runs a program to its end and collects its output as UTF-8. `onText` gets the output as it arrives. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { env, cwd, timeoutMs = 0 }: RunOptions,
  onText: (text: string, stream: 'stdout' | 'stderr') => void = () => {},
): Promise<ProgramResult> {
  // loaded here: most commands run no program
  const { execa } = await import('execa');
  const child = execa(program, args, {
    env,
    extendEnv: false,
    ...(cwd === undefined ? {} : { cwd }),
    stdin: 'ignore',
    buffer: false,
    reject: false,
    timeout: timeoutMs,
  });
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      texts[stream] += text;
      onText(text, stream);
    });
  const { exitCode, signal, cause } = await child;
  const error = exitCode === undefined && signal === undefined ? (cause as NodeJS.ErrnoException | undefined) : null;
  return { exitCode: exitCode ?? null, signal: signal ?? null, error: error ?? null, ...texts };
}

/** Like `runProgram`, with both output streams in one text. If the program cannot be started, `text` says why. */
export async function capture(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void = () => {},
): Promise<{ ok: boolean; text: string }> {
  let text = '';
  const { exitCode, error } = await runProgram(program, args, { env }, (more) => {
    text += more;
    for (const line of more.split('\n')) onLine(line);
  });
  return { ok: exitCode === 0, text: error?.message ?? text };
}
