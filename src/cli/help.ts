import { calledAs, isInstalled, shippedFile } from '../files/called-as.ts';
import type { VerbContext } from './verb.ts';
import { GROUPS, UsageError, flagName, usage } from './verb.ts';
import type { Flag, Shorthand, Verb } from './verb.ts';
import { nearest } from '../pipeline/diagnostic/nearest.ts';
import { shellWord } from '../files/shell-word.ts';
import { coloursFor } from './screen/style.ts';
import type { Colours } from './screen/style.ts';

/** `runner help [VERB]` */
export function printHelp({ verb: name }: { verb: string | null }, { verbs }: Pick<VerbContext, 'verbs'>): number {
  const colours = coloursFor(process.stdout);
  const columns = process.stdout.columns;
  const verb = name === null ? null : findVerb(verbs, name);
  const text = verb ? helpOf(verb, colours, columns) : overview(verbs, colours, columns);
  process.stdout.write(`${text}\n`);
  return 0;
}

/** Throws a UsageError with the nearest name. */
export function findVerb(verbs: Verb[], name: string): Verb {
  const verb = verbs.find((candidate) => candidate.name === name);
  if (verb) return verb;
  const near = nearest(
    name,
    publicVerbs(verbs).map((candidate) => candidate.name),
  );
  if (/\.ya?ml$/.test(name)) throw new UsageError(`no verb "${name}"; to run it: ${calledAs()} run ${shellWord(name)}`);
  const meant =
    near ??
    (Object.hasOwn(VERBS_ELSEWHERE, name) ? VERBS_ELSEWHERE[name]! : []).find((other) =>
      verbs.some((candidate) => candidate.name === other),
    );
  throw new UsageError(`no verb "${name}"; ${meant ? `did you mean "${meant}"?` : `${calledAs()} help lists them`}`);
}

export const publicVerbs = (verbs: Verb[]): Verb[] => verbs.filter(({ group }) => group !== 'internal');

/** Everything about one verb. */
export function helpOf(verb: Verb, colours: Colours, columns = Infinity): string {
  const sections = [
    rows(Object.values(verb.positionals).flatMap(({ form, about }) => (about ? [[form, about]] : []))),
    rows(Object.entries(verb.flags).map(([key, flag]) => [flagForm(key, flag), flag.about])),
    verb.notes ?? [],
    examples(verb.examples),
  ];
  return [
    ...aligned(`runner ${usage(verb)}  ${verb.about}`, columns).map((line, index) =>
      index === 0 ? line.replace(`runner ${usage(verb)}`, (called) => colours.bold(called)) : line,
    ),
    ...sections.flatMap((lines) =>
      lines.length > 0 ? ['', ...lines.flatMap((line) => aligned(`  ${line}`.trimEnd(), columns))] : [],
    ),
  ].join('\n');
}

/** What other programs call these verbs. */
const VERBS_ELSEWHERE: Record<string, string[]> = {
  train: ['run'],
  start: ['run'],
  repro: ['run'],
  resume: ['run'],
  list: ['ls'],
  runs: ['ls'],
  ps: ['ls'],
  status: ['ls'],
  history: ['ls'],
  generate: ['sample'],
  talk: ['chat'],
  check: ['plan'],
  validate: ['plan'],
  'dry-run': ['plan'],
  dag: ['graph'],
  tail: ['logs'],
  cancel: ['stop'],
  kill: ['stop'],
  install: ['setup'],
  download: ['setup'],
  rm: ['gc'],
  delete: ['rm', 'gc'],
  remove: ['rm', 'gc'],
  clean: ['gc'],
  prune: ['gc'],
  mlflow: ['ui'],
  tensorboard: ['ui'],
};

// ---------------------------------------------------------------------------

/** All verbs by group. Where usage and purpose do not fit side by side, the purpose is on a line of its own. */
function overview(verbs: Verb[], colours: Colours, columns = Infinity): string {
  const shown = publicVerbs(verbs);
  const width = Math.max(...shown.map((verb) => usage(verb).length));
  const narrow = columns < width + 90;
  const entry = (verb: Verb): string =>
    narrow
      ? [`  ${colours.bold(usage(verb))}`, ...aligned(`      ${verb.about}`, columns)].join('\n')
      : `  ${colours.bold(usage(verb).padEnd(width))}  ${verb.about}`;
  const groups = GROUPS.flatMap((title) => {
    const members = shown.filter(({ group }) => group === title);
    return members.length > 0 ? ['', colours.dim(title), ...members.map(entry)] : [];
  });
  return [
    ...aligned('From your own chats to a fine-tuned GPT-2, described in one YAML file.', columns),
    ...groups,
    '',
    ...(isInstalled() ? [] : [`get started:       ${calledAs()} run ${shippedFile('pipelines/quickstart.yaml')}`]),
    `your own chats:    ${calledAs()} init my-chats --data EXPORT`,
    `runs elsewhere:    ${calledAs()} VERB --runs DIR`,
    `help for a verb:   ${calledAs()} help run`,
  ].join('\n');
}

function flagForm(key: string, flag: Flag<unknown> | Shorthand): string {
  const { short, form } = flag as Partial<Flag<unknown>>;
  return `${short ? `-${short}, ` : ''}--${flagName(key)}${form ? ` ${form}` : ''}`;
}

/**
 * A line that is too long, continued below the text behind its last gap of two spaces or more: the column on the right.
 * In a column that is too narrow, it is continued on a line of its own.
 */
function aligned(line: string, columns: number): string[] {
  if (line.length <= columns) return [line];
  const text = Math.max(0, ...Array.from(line.matchAll(/ {2,}(?=\S)/g), ({ index, 0: gap }) => index + gap.length));
  const [left, right] = [line.slice(0, text), line.slice(text)];
  const room = columns - text;
  if (room >= LEAST_COLUMN || left.trim() === '')
    return hung(right, room).map((part, index) => (index === 0 ? left : ' '.repeat(text)) + part);
  const margin = ' '.repeat(left.length - left.trimStart().length);
  return [
    ...hung(left.trim(), columns - margin.length).map((part) => margin + part),
    ...hung(right, columns - margin.length - 4).map((part) => `${margin}    ${part}`),
  ];
}

/** Narrower columns of text are hard to read. */
const LEAST_COLUMN = 34;

/** A text in lines of at most `width` characters. Help has no wide ones, and measuring text takes time to load. */
function hung(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function rows(pairs: string[][]): string[] {
  const width = Math.max(0, ...pairs.map(([left = '']) => left.length));
  return pairs.map(([left = '', right = '']) => `${left.padEnd(width)}  ${right}`);
}

const examples = (commands: string[]): string[] =>
  commands.map((command, index) => `${index === 0 ? 'example: ' : '         '}${calledAs()} ${command}`);
