/**
 * `judgements/NAME/JUDGE.jsonl`: what one person answered, the person's own work. Summed lines
 * (src/files/summed-line.ts) that are only ever appended. The first is the header; the last answer to a question
 * counts. No text of a question.
 */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readSummedLine } from '../files/summed-line.ts';
import { unreachable } from '../files/unreachable.ts';

export const ANSWERS_FORMAT = 'chat-runner/answers/1';

export interface AnswersHeader {
  answers: typeof ANSWERS_FORMAT;
  /** digest of the questions, see `digestOfBlindTest` */
  questions: string;
  judge: string;
  /** whether the judge took part in the conversations */
  tookPart: boolean;
  /** number of the order in which this judge is asked */
  order: number;
}

/** `real` and `generated` are answers to a single text. */
export type Choice = 'left' | 'right' | 'real' | 'generated';

export interface Answer {
  id: string;
  /** which side stood on the left; `a` alone: a single text */
  shown: 'ab' | 'ba' | 'a';
  /** null if the judge remembered the conversation instead */
  chose: Choice | null;
  known: boolean;
  /** from showing the question to the answer */
  ms: number;
  /** ISO 8601 */
  at: string;
}

export type AnswerRecord =
  | Answer
  /** the answer with this id was taken back */
  | { undo: string }
  /** the judge ended the test after so many answers, and has seen the result */
  | { stopped: number };

export interface AnswersPart {
  header: AnswersHeader;
  records: AnswerRecord[];
  /** numbers of lines, from 1, whose sum is wrong */
  damaged: number[];
  /** bytes up to the end of the last whole line */
  end: number;
  /** the last line is whole, but its newline is missing */
  lacksNewline: boolean;
}

/** An answers file that cannot be used. `message` follows the name of the file. */
export class AnswersError extends Error {
  override name = 'AnswersError';
}

/** A folder of answers that cannot be used. The message is whole, and names no judge. */
export class AnswersFolderError extends Error {
  override name = 'AnswersFolderError';
}

/**
 * The names of the answers files of a folder, in order; none if there is no folder. Throws an AnswersFolderError if the
 * folder, or a file in it, is a link that leads nowhere.
 */
export function answersFiles(dir: string): string[] {
  const names = namesIn(dir).filter((name) => name.endsWith('.jsonl') && !name.startsWith('.'));
  names.sort();
  return names.filter((name, index) => {
    const found = statSync(join(dir, name), { throwIfNoEntry: false });
    if (found) return !found.isDirectory();
    throw new AnswersFolderError(`${fileText(dir, index, names.length)} is a link that leads nowhere: remove it`);
  });
}

/** How messages call a file, since its name is that of a judge. */
export const fileText = (dir: string, index: number, files: number): string =>
  `file ${index + 1} of ${files} in ${dir}, by name,`;

/** Reads one file; null if there is none, or no whole line in it. Throws an AnswersError if it has no header. */
export function readAnswers(dir: string, file: string): AnswersPart | null {
  const path = join(dir, file);
  return existsSync(path) ? parseAnswers(readFileSync(path)) : null;
}

/** The same from bytes. Half a line at the end, which nobody was told is safe, does not count. */
export function parseAnswers(bytes: Buffer): AnswersPart | null {
  const lines = bytes.toString('utf8').split('\n');
  const tail = lines.pop()!;
  const lacksNewline = tail !== '' && readSummedLine(tail) !== null;
  if (lacksNewline) lines.push(tail);
  if (lines.length === 0) return null;
  const read = lines.map((line) => readSummedLine(line)?.object ?? null);
  const header = headerOf(read[0]!);
  const damaged = read.flatMap((object, index) => (object === null ? [index + 1] : []));
  const records = read.flatMap((object, index): AnswerRecord[] => {
    if (index === 0) return [];
    if (object !== null) return [JSON.parse(object) as AnswerRecord];
    // Damage must not open a test again whose result was shown.
    return lines[index]!.includes('"stopped"') ? [{ stopped: index - 1 }] : [];
  });
  // Not from the decoded tail: each byte that is no UTF-8 would count as three.
  const end = lacksNewline ? bytes.length : bytes.lastIndexOf('\n') + 1;
  return { header, records, damaged, end, lacksNewline };
}

/**
 * The answers that count, in the order in which they were given last. What follows the end of the test was given by
 * somebody who had seen the result.
 */
export function finalAnswers(records: readonly AnswerRecord[]): Answer[] {
  const answers = new Map<string, Answer>();
  for (const record of records) {
    if ('stopped' in record) break;
    answers.delete('undo' in record ? record.undo : record.id);
    if ('id' in record) answers.set(record.id, record);
  }
  return [...answers.values()];
}

/** How many answers the judge took back. */
export const takenBack = (records: readonly AnswerRecord[]): number =>
  records.filter((record) => 'undo' in record).length;

/** Whether the judge ended the test. */
export const isStopped = (records: readonly AnswerRecord[]): boolean => records.some((record) => 'stopped' in record);

// ---------------------------------------------------------------------------

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const why = unreachable(dir);
    if (why !== null) throw new AnswersFolderError(why);
    return [];
  }
}

function headerOf(object: string | null): AnswersHeader {
  if (object === null)
    throw new AnswersError('is damaged in line 1, which says what it answers: restore it from a copy, or move it away');
  const header = JSON.parse(object) as Partial<AnswersHeader>;
  if (header.answers === ANSWERS_FORMAT) return header as AnswersHeader;
  throw new AnswersError(
    typeof header.answers === 'string'
      ? 'was written by another version of chat-runner'
      : 'holds no answers of `runner judge`: move it away',
  );
}
