/** Other programs: where they are, and what they say. */
import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, openSync, readSync } from 'node:fs';
import { delimiter, join } from 'node:path';

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

/** The Python that a pip-made program names in its first line; null for wrappers of other kinds. */
export function interpreterOf(program: string): string | null {
  const head = Buffer.alloc(1024);
  const fd = openSync(program, 'r');
  const text = head.toString('utf8', 0, readSync(fd, head, 0, head.length, 0));
  closeSync(fd);
  const direct = /^#!\s*(\S*python[\d.]*)\s*$/m.exec(text.split('\n')[0] ?? '')?.[1];
  const throughSh = /^'''exec' "?([^"\n]*python[\d.]*)"? /m.exec(text)?.[1]; // pip's form for long paths and paths with spaces
  const found = direct ?? throughSh ?? null;
  return found && existsSync(found) ? found : null;
}

/** Runs it to its end; a program that cannot be started is one that failed. */
export function capture(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void = () => {},
): Promise<{ ok: boolean; text: string }> {
  return new Promise((done) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    const take = (chunk: Buffer): void => {
      text += chunk.toString();
      for (const line of chunk.toString().split('\n')) onLine(line);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => done({ ok: false, text: error.message }));
    child.on('close', (code) => done({ ok: code === 0, text }));
  });
}
