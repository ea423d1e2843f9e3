#!/usr/bin/env node
import { PipelineFileError } from '../pipeline/diagnostic/diagnostic.ts';
import { UserError } from '../pipeline/diagnostic/user-error.ts';
import { findVerb, helpOf, printHelp } from './help.ts';
import { guard } from './screen/printable.ts';
import { coloursFor } from './screen/style.ts';
import { whyNotOn } from './unsupported-system.ts';
import { UsageError } from './verb.ts';
import { verbs } from './verbs/index.ts';

// What `help` does not need is imported later: even `node:fs`, `node:util` and `node:module` take milliseconds to load.

// Node 22.1 and newer keep compiled code in a cache folder. A folder that cannot be written only costs time.
const nodeModule = process.getBuiltinModule?.('node:module') as { enableCompileCache?: () => void } | undefined;
nodeModule?.enableCompileCache?.();

// A stage process writes into its log, which stays as the stage's programs wrote it.
for (const stream of process.argv[2] === 'exec-stage' ? [] : [process.stdout, process.stderr]) guard(stream);

// `runner ls | head` closes the pipe early; a run continues even if nobody can read its output, as on a full disk.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.once('exit', () => (process.exitCode ||= 1));
  });

process.exitCode = await main(process.argv.slice(2));

/** Returns the exit code. */
async function main([word = 'help', ...rest]: string[]): Promise<number> {
  try {
    if (['--help', '-h'].includes(word)) return printHelp({ verb: rest[0] ?? null }, { verbs });
    if (rest.length === 0 && word === 'help') return printHelp({ verb: null }, { verbs });
    if (['--version', '-v', '-V', 'version'].includes(word)) return (await import('./version.ts')).printVersion();
    if (word === '--runs' || word.startsWith('--runs=')) return await main(behindVerb([word, ...rest]));
    const why = whyNotOn(process.platform);
    if (why !== null) throw new UserError(why);
    const verb = findVerb(verbs, word);
    const { parseArguments } = await import('./arguments.ts');
    const parsed = parseArguments(verb, rest);
    if (parsed.asksForHelp) {
      process.stdout.write(`${helpOf(verb, coloursFor(process.stdout), process.stdout.columns)}\n`);
      return 0;
    }
    if (parsed.runs !== null) useRuns(parsed.runs);
    if (!verb.anywhere) await (await import('./project/settings.ts')).openProject();
    if (!verb.computes) await doNotOptimize();
    return await verb.run(parsed.args, { verbs, again: parsed.again });
  } catch (error) {
    return reportError(error);
  }
}

/** `--runs DIR VERB …` as `VERB … --runs DIR`. */
function behindVerb([flag = '', ...rest]: string[]): string[] {
  const value = flag.includes('=') ? [] : rest.splice(0, 1);
  const [verb = 'help', ...words] = rest;
  return [verb, flag, ...value, ...words];
}

/** From here on as if it had been the environment's, which the processes that this one starts inherit. */
function useRuns(dir: string): void {
  process.env['RUNNER_RUNS'] = dir;
  process.env['RUNNER_CALLED_WITH_RUNS'] = dir;
}

/** Most verbs end before V8's optimizer pays off: it would take more time than the verb. */
async function doNotOptimize(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--interrupt-budget=2000000');
}

/** Prints an error, with a stack trace only if it is a bug, and returns the exit code. */
async function reportError(error: unknown): Promise<number> {
  const colours = coloursFor(process.stderr);
  if (error instanceof PipelineFileError) {
    const { renderDiagnostics } = await import('../pipeline/diagnostic/render.ts');
    const count = error.diagnostics.length;
    console.error(renderDiagnostics(error, colours, { columns: process.stderr.columns || 160 }));
    console.error(`\n${count.toLocaleString('en-US')} ${count === 1 ? 'error' : 'errors'}; nothing was run`);
    return 2;
  }
  if (error instanceof UserError) {
    console.error(`${colours.red('error')} ${error.message}`);
    return error instanceof UsageError ? 2 : 1;
  }
  console.error(error);
  return 1;
}
