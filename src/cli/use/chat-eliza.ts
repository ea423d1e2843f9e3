import { createInterface } from 'node:readline';
import { parseScript } from '../../eliza/parse-script.ts';
import { openEliza } from '../../eliza/open-eliza.ts';
import type { Script } from '../../eliza/script.ts';
import { shippedScript } from '../../eliza/shipped-script.ts';
import { UserError } from '../../pipeline/diagnostic/user-error.ts';
import { readText } from '../../files/read-file.ts';
import { UsageError } from '../verb.ts';
import { editable } from '../screen/printable.ts';
import { coloursFor } from '../screen/style.ts';
import type { ChatArguments } from './chat-arguments.ts';

/** `runner chat eliza`: until the end of the input, or /quit. */
export async function chatWithEliza({ script, ...others }: ChatArguments): Promise<number> {
  const flags = ['with', 'as', 'group', 'seed', 'save', 'recite', 'replay', 'clock'] as const;
  const given = flags.find((flag) => others[flag] !== null && others[flag] !== false);
  if (given) throw new UsageError(`--${given} is for a model; ELIZA has no choice`);
  const eliza = openEliza(script === null ? shippedScript() : scriptAt(script));
  const { bold } = coloursFor(process.stdout);
  const say = (text: string): void => console.log(`${bold('ELIZA:')} ${text}`);
  say(eliza.hello);
  const lines = createInterface({
    input: process.stdin,
    ...(process.stdin.isTTY ? { output: editable(process.stdout) } : {}),
  });
  if (process.stdin.isTTY) lines.setPrompt('you: ');
  if (process.stdin.isTTY) lines.prompt();
  for await (const line of lines) {
    if (line === '/quit') break;
    if (line.trim() !== '') say(eliza.answer(line));
    if (process.stdin.isTTY) lines.prompt();
  }
  lines.close();
  return 0;
}

// ---------------------------------------------------------------------------

function scriptAt(path: string): Script {
  const text = readText(path);
  if (text === null) throw new UserError(`there is no file ${path}`);
  try {
    return parseScript(text);
  } catch (error) {
    throw error instanceof UserError ? new UserError(`${path}:${error.message}`, { cause: error }) : error;
  }
}
