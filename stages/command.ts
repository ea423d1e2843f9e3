/**
 * command: a program of your own as a stage.
 *
 * Runs `argv` in the checkout, without a shell; {out} is the folder that becomes the artifact. In the key are argv, the
 * variables of `env`, and the content of inputs, `code` and `data`. What the program prints goes to the log; lines
 * `progress 3/10` and `metric NAME STEP VALUE` are understood, and a `metrics.jsonl` that it leaves in {out} is told
 * too. SIGTERM is passed on: it may save into {scratch} and end.
 */
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { projectRoot } from '../src/files/project-root.ts';
import { checkMade } from './command/made.ts';
import { isAtOrBelow } from './command/on-this-machine.ts';
import type { Context } from './command/params.ts';
import { listenToLines } from './command/printed.ts';
import { StageInputError, StageStopped } from '../src/pipeline/stage-kind.ts';
import { startProgram } from '../src/process/start-program.ts';

export async function run(context: Context): Promise<void> {
  const { params, outDir, emit, signal } = context;
  const argv = params.argv.map((text) => filled(text, context));
  const stdin = params.stdin === undefined ? null : openSync(filled(params.stdin, context), 'r');
  const stdout = params.stdout === undefined ? null : openedForWriting(filled(params.stdout, context));
  const { child, ended } = await startProgram(argv[0]!, argv.slice(1), {
    cwd: projectRoot(),
    env: variables(context),
    stdio: [stdin ?? 'ignore', stdout ?? 'pipe', 'pipe'],
  });
  const end = (): void => passOn(child, 'SIGTERM');
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  try {
    listen(child, context);
    const { exitCode, signal: killedBy, error } = await ended;
    if (error) throw new StageInputError(`"${argv[0]}" cannot be started: ${error.code ?? error.message}`);
    if (signal.aborted) throw new StageStopped();
    if (exitCode !== 0)
      throw new CommandFailed(
        `${basename(argv[0]!)} ${killedBy ? `was ended by ${killedBy}` : `ended with exit code ${exitCode}`}; what it printed is in the log`,
      );
  } finally {
    signal.removeEventListener('abort', end);
    for (const fd of [stdin, stdout]) if (fd !== null) closeSync(fd);
  }
  await checkMade(params.output, outDir);
  for (const metric of metricsIn(outDir)) emit({ kind: 'metric', ...metric });
}

/** Shown with the place of the log, where its last words are; a stack of ours would say nothing. */
class CommandFailed extends Error {
  override name = 'CommandFailed';
  override stack = this.message;
}

// --- what the program gets ---------------------------------------------------------------------------------

/** Other braces stay as they are: `{print $1}` is the program's own. */
function filled(text: string, { params, inputs, sources, outDir, scratchDir }: Context): string {
  const declared = [
    ...params.code.map((path, place) => ({ path, at: sources[`code.${place}`]! })),
    ...params.data.map((path, place) => ({ path, at: sources[`data.${place}`]! })),
  ];
  const own = declared.find(({ path }) => isAtOrBelow(text, path));
  if (own) return join(own.at, text.slice(own.path.length));
  return text
    .replaceAll('{out}', outDir)
    .replaceAll('{scratch}', scratchDir)
    .replace(/\{in:([^{}]+)\}/g, (whole, port: string) => inputs[port] ?? whole);
}

/** What a program needs to start at all. Nothing else of the runner's environment reaches it undeclared. */
const PASSED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'LD_LIBRARY_PATH', 'VIRTUAL_ENV', 'CUDA_VISIBLE_DEVICES'];
/**
 * So that the same program gives the same bytes in every place; and Python's lines come when they are printed. `env`
 * wins.
 */
const FIXED = { LANG: 'C.UTF-8', TZ: 'UTC', PYTHONHASHSEED: '0', PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' };

function variables(context: Context): Record<string, string> {
  const passed = [...PASSED, ...context.runtime.passEnv].flatMap((name): [string, string][] =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  );
  const own = Object.entries(context.params.env).map(([name, value]): [string, string] => [
    name,
    filled(String(value), context),
  ]);
  return Object.fromEntries([...Object.entries(FIXED), ...passed, ...own]);
}

function openedForWriting(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, 'w');
}

// --- while it runs -----------------------------------------------------------------------------------------

function listen(child: ChildProcess, { emit }: Context): void {
  for (const stream of [child.stdout, child.stderr]) {
    const lines = listenToLines(emit, (text) => void process.stderr.write(text));
    stream?.setEncoding('utf8').on('data', lines.data).on('end', lines.end);
  }
}

/** To all that it has started too: a stage process leads a group of its own, and hears the signal as one of many. */
function passOn(child: ChildProcess, signal: 'SIGTERM'): void {
  try {
    if (process.listenerCount(signal) > 0) process.kill(-process.pid, signal);
    else child.kill(signal);
  } catch {
    child.kill(signal);
  }
}

/** As `train` writes them: `{step, name, value}` a line. Lines that are none are not told. */
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
