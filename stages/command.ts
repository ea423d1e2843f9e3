/**
 * command: runs a program of your own as a stage.
 *
 * Runs `argv` in the project's folder, without a shell; {out} is the folder that becomes the artifact. The stage's key
 * covers argv, the variables of `env`, and the content of inputs, `code` and `data`. The program's output goes to the
 * log. Lines such as `progress 3/10` and `metric NAME STEP VALUE` become events, and so do the metrics in a
 * `metrics.jsonl` that the program leaves in {out}. SIGTERM is passed on, so the program can save its state in
 * {scratch} and exit.
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { projectFolder } from '../src/files/project-folder.ts';
import { durationMs } from '../src/pipeline/needs.ts';
import { checkOutput } from './command/check-output.ts';
import { isolated } from './command/isolate/isolated.ts';
import { shownTo } from './command/isolate/shown.ts';
import { takeOver } from './command/own-files.ts';
import type { Context } from './command/params.ts';
import { filled, variables } from './command/placeholders.ts';
import { cannotStart, pathOf, runToItsEnd } from './command/program.ts';
import type { ProgramEnd } from '../src/process/start-program.ts';
import { StageInputError, StageStopped } from '../src/pipeline/stage-kind.ts';

export async function run(context: Context): Promise<void> {
  const { params, outDir, emit } = context;
  await runProgram(context);
  takeOver(outDir);
  await checkOutput(params.output, outDir);
  for (const metric of metricsIn(outDir)) emit({ kind: 'metric', ...metric });
}

// -----------------------------------------------------------------------------------------------------------

/** Reported with the path of the log, which has the program's own message. Our stack trace would not help. */
class CommandFailed extends Error {
  static {
    this.prototype.name = 'CommandFailed'; // as a field, it would be printed with every failure
  }
  override stack = this.message;
}

async function runProgram(context: Context): Promise<void> {
  const { params, runtime, mark, emit, signal } = context;
  const argv = params.argv.map((text) => filled(text, context));
  const env = variables(context);
  const path = pathOf(argv[0]!, env);
  const stdin = params.stdin === undefined ? null : openSync(filled(params.stdin, context), 'r');
  const stdout = params.stdout === undefined ? null : openedForWriting(filled(params.stdout, context));
  const killAfterMs = runtime.killAfter === undefined ? null : durationMs(runtime.killAfter);
  const isolation = params.isolate === true ? isolated(argv, projectFolder(), shownTo(path, context)) : null;
  try {
    const invocation = {
      argv: isolation?.argv ?? argv,
      env,
      cwd: projectFolder(),
      stdin,
      stdout,
      mark,
      signal,
      killAfterMs,
      emit,
    };
    const end = await runToItsEnd(invocation);
    const { exitCode, killedBy } = howItEnded(end, isolation !== null);
    if (end.error) throw cannotStart(argv[0]!, end.error.code ?? end.error.message);
    if (signal.aborted) throw new StageStopped();
    if (isolation?.hasFailed() === true)
      throw new StageInputError('the program could not be isolated, so it was not started; the log says why');
    if (exitCode !== 0 && isolation !== null)
      emit({
        kind: 'note',
        text: 'with isolate, the program sees no files but its inputs and those named in argv, code and data',
      });
    if (exitCode !== 0)
      throw new CommandFailed(
        `${basename(argv[0]!)} ${killedBy ? `was killed by ${killedBy}` : `exited with code ${exitCode}`}${usualCause(exitCode)}; its output is in the log`,
      );
  } finally {
    isolation?.close();
    for (const fd of [stdin, stdout]) if (fd !== null) closeSync(fd);
  }
}

/** What a shell means by an exit code. */
const usualCause = (exitCode: number | null): string =>
  exitCode === 127 ? ' (a program was not found)' : exitCode === 126 ? ' (a file is not executable)' : '';

/** A shell around an isolated program reports a signal as an exit code. */
function howItEnded({ exitCode, signal }: ProgramEnd, isIsolated: boolean) {
  const byShell = isIsolated && exitCode !== null && exitCode > 128;
  const name = byShell
    ? Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0]
    : undefined;
  return { exitCode, killedBy: name ?? signal };
}

function openedForWriting(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, 'w');
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
