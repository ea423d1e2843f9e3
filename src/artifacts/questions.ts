import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { sha256Of, sha256OfFile } from '../files/sha256.ts';

/** A blind test, as built by the `turing` stage. README.md describes the files. */
export const QUESTIONS_FILE = 'questions.jsonl';
export const KEY_FILE = 'key.jsonl';
export const QUESTIONS_REPORT_FILE = 'report.json';
export const PERSONS_FILE = 'persons.json';

/** What a judge reads of a line: who says it (a letter or a name, '' if nobody is named), and the text. */
const Line = Type.Tuple([Type.String(), Type.String()]);
const Design = Type.Union([Type.Literal('pair'), Type.Literal('single')]);

/** What is shown; nothing in it tells which text is real. */
export const Question = Type.Object(
  {
    id: Type.String(),
    design: Design,
    /** real lines before the text */
    context: Type.Array(Line),
    a: Type.Array(Line),
    /** absent if `design` is `single` */
    b: Type.Optional(Type.Array(Line)),
  },
  { additionalProperties: false },
);

/**
 * Why a pair exists.
 *
 * - question: asked of people, and judged by programs
 * - automatic: judged by programs only
 * - catch: asked of people; the rival is easy to recognize
 * - repeat: asked of people; the question `of` again, with its sides changed
 * - duel: asked of people; neither side is real, the model is set against ELIZA
 * - floor: judged by programs; the rival is one of `against`
 * - real: judged by programs; both sides are real, one went through the model's path
 */
export const PAIR_KINDS = ['question', 'automatic', 'catch', 'repeat', 'duel', 'floor', 'real'] as const;
export type PairKind = (typeof PAIR_KINDS)[number];
const ASKED: ReadonlySet<PairKind> = new Set(['question', 'catch', 'repeat', 'duel']);

/** The programs that judge; `length` says that the longer text is real, `recite` the one with less of it in train. */
export const PROGRAMS = ['length', 'likelihood', 'surface', 'recite'] as const;
export type Program = (typeof PROGRAMS)[number];

const Side = Type.Union([Type.Literal('a'), Type.Literal('b')]);
const Finite = Type.Number();
/** A value for the text on side a, and one for that on side b. With `single`, only side a is shown. */
const both = <T extends TSchema>(value: T) => Type.Tuple([value, value]);
const Count = Type.Integer({ minimum: 0 });
function byProgram<T extends TSchema>(value: T) {
  return Type.Object({ length: value, likelihood: value, surface: value, recite: value });
}

/** What is known of a pair; no text and no names. */
export const KeyEntry = Type.Object(
  {
    /** that of its question, if people are asked */
    id: Type.String(),
    kind: Type.Union(PAIR_KINDS.map((kind) => Type.Literal<PairKind>(kind))),
    /** repeats: id of the question that is asked again */
    of: Type.Optional(Type.String()),
    /** the real side; null in a duel; in a pair of real texts, the one that did not go through the model's path */
    real: Type.Union([Side, Type.Null()]),
    /** name of the checkpoint's port, `eliza`, `elsewhere`, `ngram`, or `real` */
    rival: Type.String(),
    /** duels: the side of the checkpoint `rival`; the other is ELIZA's */
    model: Type.Optional(Side),
    /** number of the speaker of the first line, as in the tokens; 0: nobody. Names are in `persons.json` */
    person: Count,
    /** number of the document in the held-out split, from 0, and of the first line of the text in it */
    document: Count,
    line: Count,
    seed: Count,
    /** which draw of the rival's text was taken, from 0 */
    draw: Count,
    /** characters shown */
    chars: both(Count),
    /** tokens of the texts, with the line ends, without time stamps and names */
    tokens: both(Count),
    /** mean of the tokens, in nats, by the checkpoint */
    logProbability: both(Finite),
    /** shares of the tokens that were among the checkpoint's 10, 100 and 1000 most likely ones */
    ranks: both(Type.Tuple([Finite, Finite, Finite])),
    /** the most tokens in a row that are in train */
    longestRun: both(Count),
    /** share of the runs of 8 tokens that are in train; 0 if the text is shorter */
    recited: both(Finite),
    /** marks of punctuation shown */
    punctuation: both(Count),
    /** form faults of the rival's text that did not exclude it */
    flags: Type.Array(Type.String()),
    /**
     * What each program says; above 0: it recognized the real text, 0: it cannot tell. Likelihood and surface were
     * learned from other pairs. Null if programs do not judge this pair.
     */
    margins: Type.Union([byProgram(Finite), Type.Null()]),
  },
  { additionalProperties: false },
);

const Judged = Type.Object({
  pairs: Count,
  /** a tie counts half */
  right: Finite,
  accuracy: Finite,
  low: Finite,
  high: Finite,
  /** two-sided; likelihood and surface: by turning pairs round; others: exact binomial */
  p: Finite,
  auc: Finite,
});
const Programs = byProgram(Judged);

/** Of lines: how many, which shares of them have a fault, and their median length in characters. */
const Figures = Type.Object({
  lines: Count,
  empty: Finite,
  repeated: Finite,
  overLong: Finite,
  copied: Finite,
  emoji: Finite,
  medianLength: Type.Union([Finite, Type.Null()]),
});
const FIGURES = ['empty', 'repeated', 'overLong', 'copied', 'emoji', 'medianLength'] as const;

const ModelReport = Type.Object({
  /** texts that were drawn first for a real text, and how many of these were passed over for their form, by reason */
  drawn: Count,
  passedOver: Type.Record(Type.String(), Count),
  /** passed over for their form, of those drawn; and those that only had another length than the real text */
  passedOverShare: Finite,
  otherLengthShare: Finite,
  /** draws in all, their tokens, and how many of them had another length than the real text */
  draws: Count,
  tokens: Count,
  otherLength: Count,
  /**
   * Of first draws, which were not selected: characters more than the real text on average, share that are longer. Of
   * what was cut, because it was much longer, as far as it was written
   */
  firstDraws: Type.Object({ moreCharacters: Finite, longer: Finite }),
  /** share of first draws with a long run or half of their text in train, of real texts the same */
  memorized: Type.Object({ generated: Finite, real: Finite }),
  /** share of runs of 8 tokens that are in train, and the longest run */
  recited: Type.Object({
    generated: Type.Object({ share: Finite, longest: Count }),
    real: Type.Object({ share: Finite, longest: Count }),
  }),
  /** among first draws */
  formFaults: Type.Record(Type.String(), Count),
  /**
   * What is wrong with the lines of first draws, and of the real texts in the same places. A line is over-long if it
   * has more than `longest` characters; p: that a figure is the same on both sides; `parts`: figures in which they
   * part
   */
  health: Type.Object({
    generated: Figures,
    real: Figures,
    longest: Count,
    p: Type.Object({
      empty: Finite,
      repeated: Finite,
      overLong: Finite,
      copied: Finite,
      emoji: Finite,
      medianLength: Finite,
    }),
    parts: Type.Array(Type.Union(FIGURES.map((figure) => Type.Literal<(typeof FIGURES)[number]>(figure)))),
  }),
  /** equally many texts of the same number of lines */
  diversity: Type.Object({
    generated: Type.Object({ distinct1: Finite, distinct2: Finite, selfBleu3: Finite, zlib: Finite }),
    real: Type.Object({ distinct1: Finite, distinct2: Finite, selfBleu3: Finite, zlib: Finite }),
  }),
  programs: Programs,
  /** the same with the memorized texts; only if the model wrote many more of them than people */
  programsWithMemorized: Type.Optional(Programs),
});

/** Counts only. */
export const QuestionsReport = Type.Object({
  format: Type.Literal('chat-runner/questions/1'),
  design: Design,
  seed: Count,
  split: Type.Union([Type.Literal('validation'), Type.Literal('test')]),
  /** ports of the checkpoints, in the order of their names */
  models: Type.Array(Type.String()),
  /** how many are asked of people, in all */
  asked: Type.Object({ questions: Count, catch: Count, repeats: Count, duels: Count }),
  /** how many pairs programs judge, for each rival */
  automatic: Count,
  context: Count,
  lines: Count,
  turns: Type.Union([Type.Literal('model'), Type.Literal('asReal')]),
  names: Type.Union([Type.Literal('letters'), Type.Literal('shown')]),
  /** held-out conversations that were looked at, those that fit, and why the others did not */
  conversations: Type.Object({ seen: Count, fitting: Count, unfit: Type.Record(Type.String(), Count) }),
  /** share of real texts that are in train; they are not used */
  realInTrain: Finite,
  /** `against` without the ones that were left out, and why these were */
  floors: Type.Record(Type.String(), Type.Object({ programs: Programs })),
  leftOut: Type.Record(Type.String(), Type.String()),
  byModel: Type.Record(Type.String(), ModelReport),
  /** real texts against real texts */
  realAgainstReal: Type.Object({ programs: Programs }),
  /** sentences that belong beside every result, such as that this is no fair sample */
  warnings: Type.Array(Type.Object({ code: Type.String(), text: Type.String() })),
});

export type ShownLine = Static<typeof Line>;
export type Question = Static<typeof Question>;
export type KeyEntry = Static<typeof KeyEntry>;
export type JudgedByProgram = Static<typeof Judged>;
export type ModelReport = Static<typeof ModelReport>;
export type QuestionsReport = Static<typeof QuestionsReport>;

export interface BlindTest {
  /** all of them are asked of people, in this order unless a judge gets another one */
  questions: Question[];
  /** first those of the questions, in the same order */
  key: KeyEntry[];
  report: QuestionsReport;
  /** number of a speaker → name */
  persons: Record<string, string>;
}

export const isAsked = ({ kind }: Pick<KeyEntry, 'kind'>): boolean => ASKED.has(kind);

export function writeBlindTest(dir: string, { questions, key, report, persons }: BlindTest): void {
  writeFileSync(join(dir, QUESTIONS_FILE), jsonLines(questions));
  writeFileSync(join(dir, KEY_FILE), jsonLines(key));
  writeFileSync(join(dir, PERSONS_FILE), `${JSON.stringify(persons, null, 2)}\n`);
  writeFileSync(join(dir, QUESTIONS_REPORT_FILE), `${JSON.stringify(report, null, 2)}\n`);
}

/** Throws an Error that names the file, and the line, if a file is missing or not what it must be. */
export function readBlindTest(dir: string): BlindTest {
  const questions = readQuestions(dir);
  const key = lines(join(dir, KEY_FILE), KeyEntry);
  const asked = key.filter(isAsked);
  if (asked.length !== questions.length || asked.some(({ id }, i) => id !== questions[i]!.id))
    throw new Error(`${join(dir, KEY_FILE)} is not the key of ${QUESTIONS_FILE} beside it`);
  return {
    questions,
    key,
    report: whole(join(dir, QUESTIONS_REPORT_FILE), QuestionsReport),
    persons: whole(join(dir, PERSONS_FILE), Type.Record(Type.String(), Type.String())),
  };
}

/** What may be shown to a judge. */
export const readQuestions = (dir: string): Question[] => lines(join(dir, QUESTIONS_FILE), Question);

/** What answers name as their test, of questions and key: answers to another test do not count. */
export const digestOfBlindTest = (dir: string): string =>
  sha256Of([QUESTIONS_FILE, KEY_FILE].map((file) => sha256OfFile(join(dir, file))).join(''));

// ---------------------------------------------------------------------------

const jsonLines = (values: readonly object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');

function lines<T extends TSchema>(path: string, schema: T): Static<T>[] {
  const text = read(path);
  if (text !== '' && !text.endsWith('\n')) throw new Error(`${path} is incomplete: its last line has no end`);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line, index) => parsed(`${path}, line ${index + 1},`, line, schema));
}

const whole = <T extends TSchema>(path: string, schema: T): Static<T> => parsed(path, read(path), schema);

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error(`cannot read ${path}, a file of a blind test`, { cause });
  }
}

function parsed<T extends TSchema>(where: string, text: string, schema: T): Static<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${where} is not JSON`);
  }
  if (Value.Check(schema, value)) return value;
  const fault = Value.Errors(schema, value).First();
  throw new Error(`${where} is not of a blind test: ${fault?.path ?? ''} ${fault?.message ?? ''}`.trim());
}
