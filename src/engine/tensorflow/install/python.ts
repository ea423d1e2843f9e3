import { spawn } from 'node:child_process';

/** What a Python process left behind. `missing`: there is no `python3` on the PATH. */
export type PythonResult = { kind: 'missing' } | { kind: 'ended'; code: number | null; stderr: string };

/** Runs `python3 ARGUMENTS`; `onLine` gets each line of its standard output. */
export function runPython(args: string[], onLine: (line: string) => void = () => {}): Promise<PythonResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('python3', args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...pipEnvironment },
    });
    let stderr = '';
    let rest = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      lines.forEach(onLine);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? resolve({ kind: 'missing' }) : reject(error),
    );
    child.on('close', (code) => resolve({ kind: 'ended', code, stderr: stderr.trim() }));
  });
}

const pipEnvironment = { PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1' };
