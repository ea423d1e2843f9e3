import { runProgram } from '../../../process/program.ts';

/** The result of a Python process. `missing`: `python3` is not on the PATH. */
export type PythonResult = { kind: 'missing' } | { kind: 'ended'; code: number | null; stderr: string };

/** Runs `python3 ARGUMENTS`; `onLine` gets each line of its standard output. */
export async function runPython(args: string[], onLine: (line: string) => void = () => {}): Promise<PythonResult> {
  let rest = '';
  const splitLines = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    lines.forEach(onLine);
  };
  const { error, exitCode, stderr } = await runProgram(
    'python3',
    args,
    { env: { ...process.env, ...pipEnvironment } },
    (text, stream) => void (stream === 'stdout' && splitLines(text)),
  );
  if (error?.code === 'ENOENT') return { kind: 'missing' };
  if (error) throw error;
  return { kind: 'ended', code: exitCode, stderr: stderr.trim() };
}

const pipEnvironment = { PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1' };
