import { calledAs } from '../files/called-as.ts';
import { parseArgs } from 'node:util';
import { expandHome } from '../files/expand-home.ts';
import { UsageError, flagName, flagSuggestion, listed, usage } from './verb.ts';
import type { Flag, Positional, Verb, VerbContext } from './verb.ts';

export type Parsed = { asksForHelp: true } | ({ asksForHelp: false } & Arguments);

interface Arguments {
  /** Positionals and flags by their names in the definition. */
  args: Record<string, unknown>;
  /** the value of `--runs`, which every verb takes */
  runs: string | null;
  again: VerbContext['again'];
}

/** Reads the words after a verb. Throws a UsageError for whatever its definition does not allow. */
export function parseArguments(verb: Verb, argv: string[]): Parsed {
  const tokens = tokenize(verb, argv);
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help')) return { asksForHelp: true };
  const flags = readFlags(verb, tokens);
  const words = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  return {
    asksForHelp: false,
    args: { ...readPositionals(verb, words), ...flags },
    runs: runsFlag(tokens),
    again: (switches) => withSwitches(tokens, switches),
  };
}

export type Token =
  | { kind: 'positional'; value: string }
  | { kind: 'option'; name: string; rawName: string; value?: string | undefined; inlineValue?: boolean | undefined }
  | { kind: 'option-terminator' };

/** Flags by their names on the command line, `help` included; unknown flags have no value. */
export function tokenize({ flags, verbatim }: Verb, argv: string[]): Token[] {
  if (verbatim) return argv.map((value) => ({ kind: 'positional', value }));
  const options = Object.entries(flags).map(([key, flag]) => {
    const { form, short } = flag as Partial<Flag<unknown>>;
    return [flagName(key), { type: form === undefined ? 'boolean' : 'string', ...(short ? { short } : {}) }] as const;
  });
  const { tokens } = parseArgs({
    args: argv,
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: { ...Object.fromEntries(options), help: { type: 'boolean', short: 'h' }, runs: { type: 'string' } },
  });
  return tokens.map((token) =>
    'value' in token && token.value ? { ...token, value: expandHome(token.value) } : token,
  );
}

// ---------------------------------------------------------------------------

function readFlags(verb: Verb, tokens: Token[]): Record<string, unknown> {
  const keys = new Map(Object.keys(verb.flags).map((key) => [flagName(key), key]));
  const values: Record<string, unknown> = {};
  for (const [key, flag] of Object.entries(verb.flags)) if ('absent' in flag) values[key] = flag.absent;
  for (const token of tokens) {
    if (token.kind !== 'option' || token.name === 'runs') continue;
    const key = keys.get(token.name);
    if (key === undefined)
      throw new UsageError(
        `"${verb.name}" has no flag ${token.rawName}; ${insteadOfFlag(token.name, keys.has('set')) ?? flagSuggestion(token.name, [...keys.keys()])}`,
      );
    const declared = verb.flags[key]!;
    const [target, given] =
      'standsFor' in declared ? declared.standsFor : ([key, valueGiven(declared, token)] as const);
    if ('standsFor' in declared) refuseValue(token);
    values[target] = named(token.rawName, () => (verb.flags[target] as Flag<unknown>).read(given, values[target]));
  }
  return values;
}

function runsFlag(tokens: Token[]): string | null {
  const token = tokens.find((candidate) => candidate.kind === 'option' && candidate.name === 'runs');
  return token ? valueGiven({ form: 'DIR' }, token as OptionToken) : null;
}

/** A flag of other programs: a param, or a run that does nothing. */
function insteadOfFlag(name: string, setsParams: boolean): string | null {
  if (!setsParams) return null;
  if (/^dry-?run$/.test(name)) return `${calledAs()} plan FILE shows what would run`;
  return /_|^(steps|lr|epochs|seed|batch-?size|learning-?rate|max-?iters|temperature)$/i.test(name)
    ? 'a param is set with --set and its path: --set stages.model.params.steps=100'
    : null;
}

type OptionToken = Extract<Token, { kind: 'option' }>;

/** The text after a flag; empty for a switch. */
function valueGiven({ form }: Pick<Flag<unknown>, 'form'>, token: OptionToken): string {
  if (form === undefined) {
    refuseValue(token);
    return '';
  }
  const { rawName, value = '', inlineValue } = token;
  const isFlag = inlineValue !== true && /^-./.test(value);
  if (value === '' || isFlag) throw new UsageError(`${rawName} needs a value: ${rawName} ${form}`);
  return value;
}

function refuseValue({ rawName, value }: OptionToken): void {
  if (value !== undefined) throw new UsageError(`${rawName} takes no value, but got "${value}"`);
}

/** Puts the name of the flag or verb in front of the message that `read` throws. */
function named<Value>(name: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${name} ${error.message}`) : error;
  }
}

/** Words beyond the required ones go to the optional positionals, from left to right. */
function readPositionals(verb: Verb, words: string[]): Record<string, unknown> {
  const declared = Object.entries(verb.positionals);
  const required = declared.filter(([, { count }]) => count === 'one');
  let spare = words.length - required.length;
  if (spare < 0) {
    const missing = required.slice(words.length).map(([, { form }]) => form);
    throw new UsageError(`"${verb.name}": missing ${listed(missing, 'and')}. Usage: ${calledAs()} ${usage(verb)}`);
  }
  let next = 0;
  const values = declared.map(([key, positional]) => {
    const taken = wordsTaken(positional, spare);
    if (positional.count !== 'one') spare -= taken;
    const ownWords = words.slice(next, (next += taken));
    return [key, named(`"${verb.name}"`, () => positional.read(ownWords))];
  });
  if (spare > 0)
    throw new UsageError(`"${verb.name}": unexpected "${words.at(-spare)}". Usage: ${calledAs()} ${usage(verb)}`);
  return Object.fromEntries(values) as Record<string, unknown>;
}

function wordsTaken({ count }: Positional<unknown>, spare: number): number {
  switch (count) {
    case 'one':
      return 1;
    case 'optional':
      return Math.min(1, spare);
    case 'any':
      return spare;
  }
}

function withSwitches(tokens: Token[], switches: Record<string, boolean>): string[] {
  const names = new Map(Object.entries(switches).map(([key, on]) => [flagName(key), on]));
  const kept = tokens.filter((token) => token.kind !== 'option' || !names.has(token.name)).flatMap(wordsOf);
  const added = [...names].filter(([, on]) => on).map(([name]) => `--${name}`);
  const end = kept.indexOf('--');
  return end === -1 ? [...kept, ...added] : kept.toSpliced(end, 0, ...added);
}

function wordsOf(token: Token): string[] {
  switch (token.kind) {
    case 'positional':
      return [token.value];
    case 'option-terminator':
      return ['--'];
    case 'option': {
      const { name, value, inlineValue } = token;
      if (value === undefined) return [`--${name}`];
      return inlineValue ? [`--${name}=${value}`] : [`--${name}`, value];
    }
  }
}
