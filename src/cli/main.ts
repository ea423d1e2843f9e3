import { readFileSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { projectRoot } from '../files/project-root.ts';
import { PipelineFileError } from '../pipeline/diagnostic/diagnostic.ts';
import { UserError } from '../pipeline/diagnostic/user-error.ts';
import { parseArguments } from './arguments.ts';
import { findVerb, helpOf, printHelp } from './help.ts';
import { coloursFor } from './screen/style.ts';
import { UsageError } from './verb.ts';
import { verbs } from './verbs/index.ts';

// Node 22.1 and newer keep compiled code in a cache folder. A folder that cannot be written only costs time.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();

// `runner ls | head` closes the pipe early; a run continues even if nobody reads its output.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

// Verbs end before V8's optimizer pays off: it would take more time than the verb itself. Stages compute for longer.
if (process.argv[2] !== 'exec-stage') setFlagsFromString('--interrupt-budget=2000000');

process.exitCode = await main(process.argv.slice(2));

/** Returns the exit code. */
async function main([word = 'help', ...rest]: string[]): Promise<number> {
  try {
    if (word === '--version') return printVersion();
    if (word === '--help' || word === '-h') return printHelp({ verb: null }, { verbs });
    const verb = findVerb(verbs, word);
    const parsed = parseArguments(verb, rest);
    if (parsed.asksForHelp) {
      console.log(helpOf(verb, coloursFor(process.stdout)));
      return 0;
    }
    return await verb.run(parsed.args, { verbs, again: parsed.again });
  } catch (error) {
    return reportError(error);
  }
}

function printVersion(): number {
  const { version } = JSON.parse(readFileSync(join(projectRoot(), 'package.json'), 'utf8')) as { version: string };
  console.log(version);
  return 0;
}

/** Prints an error as its kind deserves, and returns the exit code. */
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
