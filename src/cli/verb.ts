import { UserError } from '../pipeline/diagnostic/user-error.ts';
import { nearest } from '../pipeline/diagnostic/nearest.ts';
import { parseAge, parseBytes } from '../store/sizes.ts';

/** The command line is wrong: one line on stderr, exit code 2. */
export class UsageError extends UserError {
  override name = 'UsageError';
}

/**
 * Everything about a verb of the command line: parsing, help, suggestions and shell completion are derived from it. All
 * definitions are loaded at every start, so they import only small constants; `run` imports the code that does the
 * work.
 */
export interface VerbDefinition<P extends Positionals, F extends Flags> {
  name: string;
  /** Its heading in `help`; `internal` verbs are for programs, and are neither shown nor suggested. */
  group: Group;
  /** In the order of the command line. */
  positionals: P;
  /** By name in camel case: `onFailure` is `--on-failure`. */
  flags: F;
  about: string;
  /** More lines for its help. */
  notes?: string[];
  /** Without `./runner`. */
  examples: string[];
  /** It runs a model, so it is worth V8's while to optimize its code. */
  computes?: true;
  /** It needs no project: a fault in `runner.yaml` does not matter. */
  anywhere?: true;
  /** Every word is a positional, even one that looks like a flag. */
  verbatim?: true;
  /** Imports the function that does the work and returns the exit code. */
  run(): Promise<(args: Values<P> & Values<F>, context: VerbContext) => number | Promise<number>>;
}

export const GROUPS = ['Run', 'Plan', 'Use', 'Inspect', 'Maintain', 'Other', 'internal'] as const;
type Group = (typeof GROUPS)[number];

/** A definition whose `run` takes the arguments that were parsed from it. */
export interface Verb extends Omit<VerbDefinition<Positionals, Flags>, 'run'> {
  run(args: Record<string, unknown>, context: VerbContext): Promise<number>;
}

export interface VerbContext {
  /** Every verb, for `help` and completion. */
  verbs: Verb[];
  /** The words of this command after its verb, with some switches turned on or off. */
  again(switches: Record<string, boolean>): string[];
}

export const defineVerb = <P extends Positionals, F extends Flags>(definition: VerbDefinition<P, F>): Verb => ({
  ...definition,
  run: async (args, context) => (await definition.run())(args as Values<P> & Values<F>, context),
});

/** What shell completion offers: a fixed list, or names that `shell/complete.ts` finds; `file` is left to the shell. */
export type Completes =
  | readonly string[]
  | 'pipeline'
  | 'stage'
  | 'set-path'
  | 'run'
  | 'stage-of-run'
  | 'stage-result'
  | 'verb'
  | 'file';

// --- positionals -----------------------------------------------------------

export type Positionals = Record<string, Positional<unknown>>;

export interface Positional<Value> {
  /** How help writes it: `FILE`. */
  form: string;
  completes: Completes;
  about?: string;
  count: 'one' | 'optional' | 'any';
  /** Reads as many words as `count` allows. Throws a UsageError whose message is printed after the verb's name. */
  read(words: string[]): Value;
}

type Values<Declared> = {
  [Name in keyof Declared as Declared[Name] extends Shorthand ? never : Name]: Declared[Name] extends
    | Positional<infer Value>
    | Flag<infer Value>
    ? Value
    : never;
};

export const required = (form: string, completes: Completes, about?: string): Positional<string> => ({
  form,
  completes,
  ...(about === undefined ? {} : { about }),
  count: 'one',
  read: ([word]) => word!,
});

export const optional = (form: string, completes: Completes, about?: string): Positional<string | null> => ({
  form,
  completes,
  ...(about === undefined ? {} : { about }),
  count: 'optional',
  read: ([word]) => word ?? null,
});

export const anyNumber = (form: string, completes: Completes, about?: string): Positional<string[]> => ({
  form,
  completes,
  ...(about === undefined ? {} : { about }),
  count: 'any',
  read: (words) => words,
});

/** One of a few words. */
export const requiredChoice = <const Choice extends string>(choices: readonly Choice[]): Positional<Choice> => ({
  form: choices.join(' | '),
  completes: choices,
  count: 'one',
  read: ([word]) => oneOfThese(choices, word!),
});

export const optionalChoice = <const Choice extends string>(choices: readonly Choice[]): Positional<Choice | null> => ({
  form: choices.join(' | '),
  completes: choices,
  count: 'optional',
  read: ([word]) => (word === undefined ? null : oneOfThese(choices, word)),
});

// --- flags -----------------------------------------------------------------

export type Flags = Record<string, Flag<unknown> | Shorthand>;

export interface Flag<Value> {
  about: string;
  /** `j` for `-j` */
  short?: string;
  /** How help writes the value: `N`. A flag without one is a switch. */
  form?: string;
  completes?: Completes;
  /** The value if the flag is not given. */
  absent: Value;
  /** The value of the flag with this text. Throws a UsageError whose message is printed after the flag's name. */
  read(text: string, before: Value): Value;
}

/** Short for another flag with a fixed value. */
export interface Shorthand {
  about: string;
  standsFor: readonly [flag: string, text: string];
}

export const toggle = (about: string, { short }: { short?: string } = {}): Flag<boolean> => ({
  about,
  ...(short === undefined ? {} : { short }),
  absent: false,
  read: () => true,
});

export const text = (form: string, about: string, completes: Completes): Flag<string | null> => ({
  form,
  about,
  completes,
  absent: null,
  read: (given) => given,
});

/** May be given several times. */
export const texts = (form: string, about: string, completes: Completes): Flag<string[]> => ({
  form,
  about,
  completes,
  absent: [],
  read: (given, before) => [...before, given],
});

export function wholeNumber(
  form: string,
  about: string,
  { least, most = Infinity, short }: { least: number; most?: number; short?: string },
): Flag<number | null> {
  const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
  return {
    form,
    about,
    ...(short === undefined ? {} : { short }),
    absent: null,
    read(given) {
      const number = /^\d+$/.test(given) ? Number(given) : NaN;
      if (number >= least && number <= most) return number;
      throw new UsageError(`takes a whole number ${range}, not "${given}"`);
    },
  };
}

/** A number such as `0.8`. `above` excludes the lower limit itself. */
export const decimal = (
  form: string,
  about: string,
  { least, most, above = false }: { least: number; most: number; above?: boolean },
): Flag<number | null> => ({
  form,
  about,
  completes: ['0.5', '0.9', '1'],
  absent: null,
  read(given) {
    const number = /^(\d+\.?\d*|\.\d+)$/.test(given) ? Number(given) : NaN;
    if (number <= most && (above ? number > least : number >= least)) return number;
    throw new UsageError(
      `takes a number ${above ? 'above' : 'from'} ${least} ${above ? 'and at most' : 'to'} ${most}, not "${given}"`,
    );
  },
});

/** One of a few words; `absent` if the flag is not given. */
export const oneOf = <const Choice extends string, const Absent extends string | null>(
  form: string,
  about: string,
  { choices, absent }: { choices: readonly Choice[]; absent: Absent },
): Flag<Choice | Absent> => ({
  form,
  about,
  completes: choices,
  absent,
  read: (given) => oneOfThese(choices, given),
});

/** `30d`, in milliseconds. */
export const age = (form: string, about: string): Flag<number | null> =>
  measured(form, about, { examples: ['30d', '12h', '2w'], parse: parseAge });

/** `50GB`, in bytes. */
export const size = (form: string, about: string): Flag<number | null> =>
  measured(form, about, { examples: ['50GB', '500MB', '1.5TB'], parse: parseBytes });

export const shorthand = (flag: string, value: string, about: string): Shorthand => ({
  about,
  standsFor: [flag, value],
});

// ---------------------------------------------------------------------------

function measured(
  form: string,
  about: string,
  { examples, parse }: { examples: string[]; parse(text: string): number | null },
): Flag<number | null> {
  return {
    form,
    about,
    completes: examples,
    absent: null,
    read(given) {
      const value = parse(given);
      if (value !== null) return value;
      throw new UsageError(`takes a value like ${examples.join(', ')}, not "${given}"`);
    },
  };
}

function oneOfThese<Choice extends string>(choices: readonly Choice[], given: string): Choice {
  const found = choices.find((choice) => choice === given);
  if (found !== undefined) return found;
  const near = nearest(given, [...choices]);
  const hint = near === null ? '' : `; did you mean "${near}"?`;
  throw new UsageError(`takes ${listed(choices, 'or')}, not "${given}"${hint}`);
}

/** `a, b or c` */
export function listed(words: readonly string[], conjunction: 'and' | 'or'): string {
  const [last, ...rest] = words.toReversed();
  return rest.length === 0 ? (last ?? '') : `${rest.toReversed().join(', ')} ${conjunction} ${last}`;
}

/** `onFailure` → `on-failure` */
export const flagName = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `did you mean --json?`, or a list of all flags. */
export function flagSuggestion(name: string, known: string[]): string {
  const near = nearest(name, known);
  if (near !== null) return `did you mean --${near}?`;
  return known.length === 0 ? 'it has no flags' : `flags: ${known.map((flag) => `--${flag}`).join(', ')}`;
}

/** `run FILE [STAGE…]` */
export const usage = ({ name, positionals }: Verb): string =>
  [name, ...Object.values(positionals).map(positionalForm)].join(' ');

function positionalForm({ form, count }: Positional<unknown>): string {
  switch (count) {
    case 'one':
      return form;
    case 'optional':
      return `[${form}]`;
    case 'any':
      return `[${form}…]`;
  }
}
