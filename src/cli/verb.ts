import { parseArgs } from 'node:util';
import { suggestion } from '../pipeline/diagnostic/nearest.ts';
import { ON_FAILURE } from '../run/on-failure.ts';
import type { OnFailure } from '../run/on-failure.ts';

/** The command line is wrong: shown in one line, exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export interface VerbArguments {
  positionals: string[];
  sets: string[];
  json: boolean;
  port: number | null;
  /** a file for the page of `compare` */
  html: string | null;
  /** which metric `compare` compares */
  metric: string | null;
  /** which trainer's files `export` writes */
  as: string | null;
  mermaid: boolean;
  follow: boolean;
  /** how many stages may run at once; null: as many as there is room for */
  jobs: number | null;
  onFailure: OnFailure;
  detach: boolean;
  stop: boolean;
}

type Flag =
  | 'set'
  | 'json'
  | 'port'
  | 'html'
  | 'metric'
  | 'as'
  | 'mermaid'
  | 'follow'
  | 'jobs'
  | 'on-failure'
  | 'fail-fast'
  | 'keep-going'
  | 'detach'
  | 'stop';

/** Reads what follows the verb; a flag that the verb does not have is an error with the nearest name. */
export function readArguments(
  verb: string,
  argv: string[],
  flags: Flag[],
  positionals: [least: number, most: number, example?: string],
): VerbArguments {
  const { tokens } = parseArgs({
    args: argv,
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: {
      set: { type: 'string' },
      json: { type: 'boolean' },
      port: { type: 'string' },
      html: { type: 'string' },
      metric: { type: 'string' },
      as: { type: 'string' },
      mermaid: { type: 'boolean' },
      follow: { type: 'boolean', short: 'f' },
      jobs: { type: 'string', short: 'j' },
      'on-failure': { type: 'string' },
      'fail-fast': { type: 'boolean' },
      'keep-going': { type: 'boolean' },
      detach: { type: 'boolean' },
      stop: { type: 'boolean' },
    },
  });
  const read: VerbArguments = {
    positionals: [],
    sets: [],
    json: false,
    port: null,
    html: null,
    metric: null,
    as: null,
    mermaid: false,
    follow: false,
    jobs: null,
    onFailure: 'keep-going',
    detach: false,
    stop: false,
  };
  for (const token of tokens) {
    if (token.kind === 'positional') read.positionals.push(token.value);
    if (token.kind !== 'option') continue;
    if (!(flags as string[]).includes(token.name))
      throw new UsageError(`"${verb}" has no flag ${token.rawName}; ${suggestion(token.name, flags, 'flags')}`);
    if (token.name === 'json') read.json = true;
    if (token.name === 'mermaid') read.mermaid = true;
    if (token.name === 'follow') read.follow = true;
    if (token.name === 'html') read.html = needed(token.value, '--html FILE');
    if (token.name === 'metric') read.metric = needed(token.value, '--metric NAME');
    if (token.name === 'as') read.as = needed(token.value, '--as nanogpt');
    if (token.name === 'set') read.sets.push(needed(token.value, '--set path=value'));
    if (token.name === 'detach') read.detach = true;
    if (token.name === 'stop') read.stop = true;
    if (token.name === 'keep-going') read.onFailure = 'keep-going';
    if (token.name === 'fail-fast') read.onFailure = 'stop';
    if (token.name === 'on-failure') read.onFailure = onFailureOf(needed(token.value, '--on-failure keep-going'));
    if (token.name === 'jobs') read.jobs = jobsOf(needed(token.value, '--jobs number'));
    if (token.name === 'port') read.port = portOf(needed(token.value, '--port number'));
  }
  const [least, most, example = 'pipelines/quickstart.yaml'] = positionals;
  if (read.positionals.length < least)
    throw new UsageError(`"${verb}" needs more than that: ./runner ${verb} ${example}`);
  if (read.positionals.length > most)
    throw new UsageError(`"${verb}" does not know what to do with "${read.positionals[most]}"`);
  return read;
}

function needed(value: string | undefined, form: string): string {
  if (value === undefined || value === '') throw new UsageError(`a value is missing: ${form}`);
  return value;
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1024 || port > 65535)
    throw new UsageError(`--port takes a number from 1024 to 65535, not "${text}"`);
  return port;
}

function jobsOf(text: string): number {
  const jobs = Number(text);
  if (!Number.isInteger(jobs) || jobs < 1) throw new UsageError(`--jobs takes a whole number from 1 on, not "${text}"`);
  return jobs;
}

function onFailureOf(text: string): OnFailure {
  const mode = ON_FAILURE.find((each) => each === text);
  if (!mode)
    throw new UsageError(`--on-failure does not know "${text}"; ${suggestion(text, [...ON_FAILURE], 'modes')}`);
  return mode;
}
