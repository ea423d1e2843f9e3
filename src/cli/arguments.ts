import { parseArgs } from 'node:util';
import { suggestion } from '../pipeline/nearest.ts';

/** The command line is wrong: shown in one line, exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export interface VerbArguments {
  positionals: string[];
  sets: string[];
  json: boolean;
  port: number | null;
}

type Flag = 'set' | 'json' | 'port';

/** Reads what follows the verb; a flag that the verb does not have is an error with the nearest name. */
export function readArguments(verb: string, argv: string[], flags: Flag[], positionals: [least: number, most: number]): VerbArguments {
  const { tokens } = parseArgs({ args: argv, strict: false, tokens: true, allowPositionals: true, options: { set: { type: 'string' }, json: { type: 'boolean' }, port: { type: 'string' } } });
  const read: VerbArguments = { positionals: [], sets: [], json: false, port: null };
  for (const token of tokens) {
    if (token.kind === 'positional') read.positionals.push(token.value);
    if (token.kind !== 'option') continue;
    if (!(flags as string[]).includes(token.name)) throw new UsageError(`"${verb}" has no flag ${token.rawName}; ${suggestion(token.name, flags, 'flags')}`);
    if (token.name === 'json') read.json = true;
    if (token.name === 'set') read.sets.push(needed(token.value, '--set path=value'));
    if (token.name === 'port') read.port = portOf(needed(token.value, '--port number'));
  }
  const [least, most] = positionals;
  if (read.positionals.length < least) throw new UsageError(`"${verb}" needs a file: ./runner ${verb} pipelines/quickstart.yaml`);
  if (read.positionals.length > most) throw new UsageError(`"${verb}" does not know what to do with "${read.positionals[most]}"`);
  return read;
}

function needed(value: string | undefined, form: string): string {
  if (value === undefined || value === '') throw new UsageError(`a value is missing: ${form}`);
  return value;
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1024 || port > 65535) throw new UsageError(`--port takes a number from 1024 to 65535, not "${text}"`);
  return port;
}
