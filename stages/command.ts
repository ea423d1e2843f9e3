/**
 * command: runs a program of your own as a stage.
 *
 * Runs `argv` in the checkout, without a shell; {out} is the folder that becomes the artifact. The stage's key covers
 * argv, the variables of `env`, and the content of inputs, `code` and `data`. The program's output goes to the log.
 * Lines such as `progress 3/10` and `metric NAME STEP VALUE` become events, and so do the metrics in a `metrics.jsonl`
 * that the program leaves in {out}. SIGTERM is passed on, so the program can save its state in {scratch} and exit.
 */
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { projectRoot } from '../src/files/project-root.ts';
import { checkOutput } from './command/check-output.ts';
import { isAtOrBelow } from './command/on-this-machine.ts';
import type { Context } from './command/params.ts';
import { lineReader } from './command/program-output.ts';
import { StageInputError, StageStopped } from '../src/pipeline/stage-kind.ts';
import { startProgram } from '../src/process/start-program.ts';

export async function run(context: Context): Promise<void> {
  const { params, outDir, emit, signal } = context;
  const argv = params.argv.map((text) => filled(text, context));
  const stdin = params.stdin === undefined ? null : openSync(filled(params.stdin, context), 'r');
  const stdout = params.stdout === undefined ? null : openedForWriting(filled(params.stdout, context));
  const { child: program, ended } = await startProgram(argv[0]!, argv.slice(1), {
    cwd: projectRoot(),
    env: variables(context),
    stdio: [stdin ?? 'ignore', stdout ?? 'pipe', 'pipe'],
  });
  const terminate = (): void => passOn(program, 'SIGTERM');
  signal.addEventListener('abort', terminate);
  if (signal.aborted) terminate();
  try {
    readOutput(program, context);
    const { exitCode, signal: killedBy, error } = await ended;
    if (error) throw new StageInputError(`cannot start "${argv[0]}": ${error.code ?? error.message}`);
    if (signal.aborted) throw new StageStopped();
    if (exitCode !== 0)
      throw new CommandFailed(
        `${basename(argv[0]!)} ${killedBy ? `was killed by ${killedBy}` : `exited with code ${exitCode}`}; its output is in the log`,
      );
  } finally {
    signal.removeEventListener('abort', terminate);
    for (const fd of [stdin, stdout]) if (fd !== null) closeSync(fd);
  }
  await checkOutput(params.output, outDir);
  for (const metric of metricsIn(outDir)) emit({ kind: 'metric', ...metric });
}

/** Reported with the path of the log, which has the program's own message. Our stack trace would not help. */
class CommandFailed extends Error {
  override name = 'CommandFailed';
  override stack = this.message;
}

// --- arguments, environment and files ----------------------------------------------------------------------

/** Replaces our placeholders. Other braces stay: `{print $1}` belongs to the program. */
function filled(text: string, { params, inputs, sources, outDir, scratchDir }: Context): string {
  const declared = [
    ...params.code.map((path, index) => ({ path, absolutePath: sources[`code.${index}`]! })),
    ...params.data.map((path, index) => ({ path, absolutePath: sources[`data.${index}`]! })),
  ];
  const source = declared.find(({ path }) => isAtOrBelow(text, path));
  if (source) return join(source.absolutePath, text.slice(source.path.length));
  return text
    .replaceAll('{out}', outDir)
    .replaceAll('{scratch}', scratchDir)
    .replace(/\{in:([^{}]+)\}/g, (whole, port: string) => inputs[port] ?? whole);
}

/** Variables that a program needs in order to start. It gets no other undeclared variables from the runner. */
const PASSED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'LD_LIBRARY_PATH', 'VIRTUAL_ENV', 'CUDA_VISIBLE_DEVICES'];
/**
 * Make a program's output the same on every machine, and make Python print each line at once. Values in `env` take
 * precedence.
 */
const FIXED = { LANG: 'C.UTF-8', TZ: 'UTC', PYTHONHASHSEED: '0', PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' };

function variables(context: Context): Record<string, string> {
  const passed = [...PASSED, ...context.runtime.passEnv].flatMap((name): [string, string][] =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  );
  const declared = Object.entries(context.params.env).map(([name, value]): [string, string] => [
    name,
    filled(String(value), context),
  ]);
  return Object.fromEntries([...Object.entries(FIXED), ...passed, ...declared]);
}

function openedForWriting(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, 'w');
}

// --- while it runs -----------------------------------------------------------------------------------------

function readOutput(program: ChildProcess, { emit }: Context): void {
  for (const stream of [program.stdout, program.stderr]) {
    const lines = lineReader(emit, (text) => void process.stderr.write(text));
    stream?.setEncoding('utf8').on('data', lines.data).on('end', lines.end);
  }
}

/**
 * Signals the program and everything it has started, by signalling the process group that this stage process leads.
 * The stage process receives the signal too, so this needs a handler to be installed; without one, only the program is
 * signalled.
 */
function passOn(program: ChildProcess, signal: 'SIGTERM'): void {
  try {
    if (process.listenerCount(signal) > 0) process.kill(-process.pid, signal);
    else program.kill(signal);
  } catch {
    program.kill(signal);
  }
}

/** Metrics in the format of `train`: one `{step, name, value}` per line. Other lines are ignored. */
function metricsIn(outDir: string): { name: string; step: number; value: number }[] {
  const path = join(outDir, 'metrics.jsonl');
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        const { step, name, value } = JSON.parse(line) as Record<string, unknown>;
        return Number.isInteger(step) &&
          typeof name === 'string' &&
          /^[A-Za-z0-9_./-]{1,200}$/.test(name) &&
          typeof value === 'number'
          ? [{ name, step: step as number, value }]
          : [];
      } catch {
        return [];
      }
    });
}
