import { closeSync, existsSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { appendWhole } from '../files/append-line.ts';
import { summedLine } from '../files/summed-line.ts';
import { tryLock } from '../process/lock.ts';
import type { ProcessMark } from '../process/process-mark.ts';
import {
  ANSWERS_FORMAT,
  answersFiles,
  AnswersError,
  parseAnswers,
  type AnswerRecord,
  type AnswersHeader,
  type AnswersPart,
} from './answers.ts';
import { keepFile, type KeptFile } from './kept-file.ts';
import { answersFileOf, foldedName, judgeOfFile } from './judge-name.ts';

/** The file of one judge, held by this process. */
export interface AnswersFile {
  path: string;
  /** null until the judge has begun */
  header: AnswersHeader | null;
  records: AnswerRecord[];
  /** numbers of damaged lines, which do not count */
  damaged: number[];
  /** bytes of a torn line that were cut off */
  cut: number;
  /** Writes the header, as the first line. */
  begin(tookPart: boolean): void;
  /** Returns when the record is on disk. Throws NotSaved, and the record does not count, if it is not. */
  append(record: AnswerRecord): void;
  /** Throws NotSaved if the answers had to be written elsewhere. */
  close(): void;
}

/**
 * Opens the answers of a judge to these questions, or returns the process that has them open. A torn last line is cut
 * off. Throws an AnswersError if the file answers other questions, is somebody else's, or is no answers file.
 */
export function openAnswersFile(
  dir: string,
  { judge, questions, order }: { judge: string; questions: string; order: number },
): AnswersFile | { heldBy: ProcessMark } {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lock = tryLock(join(dir, `${foldedName(judge)}.lock`));
  if ('heldBy' in lock) return lock;
  let fd: number | null = null;
  try {
    const path = join(dir, fileFor(judge, dir));
    // Who only looks at the first page leaves no file, which would be one more judge.
    if (existsSync(path)) fd = openSync(path, 'a+');
    const mendedFile = fd === null ? null : mended(fd, path);
    const part = mendedFile?.part ?? null;
    if (part) {
      checkQuestions(part.header, questions);
      checkJudge(part.header, basename(path));
    }
    const kept = keepFile(path, mendedFile && { fd: fd!, content: mendedFile.content });
    const opened = { part, cut: mendedFile?.cut ?? 0, kept, release: lock.release };
    return answersFileAt(path, opened, { judge, questions, order });
  } catch (error) {
    if (fd !== null) closeSync(fd);
    lock.release();
    throw error;
  }
}

/** Throws an AnswersError if the answers are to other questions. */
export function checkQuestions({ questions: answered }: AnswersHeader, questions: string): void {
  if (answered === questions) return;
  throw new AnswersError(
    `answers another test: questions ${answered.slice(0, 12)}, not ${questions.slice(0, 12)}. Move it away, or keep the answers to these questions in another folder`,
  );
}

/** Throws an AnswersError if a file has not the name of its judge: it is a copy, which would count as one more. */
export function checkJudge({ judge }: AnswersHeader, file: string): void {
  if (foldedName(judge) === foldedName(judgeOfFile(file))) return;
  throw new AnswersError(
    'has the name of another judge than its first line, as a copy has: give it its old name back, or move it away',
  );
}

// ---------------------------------------------------------------------------

/** The file of a judge in a folder, there or not. Names that differ only in case, or in accents, are of one judge. */
function fileFor(judge: string, dir: string): string {
  const name = answersFileOf(judge)!;
  const [other, ...more] = answersFiles(dir).filter((file) => foldedName(file) === foldedName(name));
  if (more.length > 0) throw new AnswersError(`is there ${more.length + 1} times, in different spellings: keep one`);
  if (other !== undefined && other.normalize('NFC') !== name)
    throw new AnswersError(`would be a second file beside ${other}: give the name as it is there, or another one`);
  return other ?? name;
}

interface Opened {
  part: AnswersPart | null;
  cut: number;
  kept: KeptFile;
  release(): void;
}

function answersFileAt(
  path: string,
  { part, cut, kept, release }: Opened,
  { judge, questions, order }: { judge: string; questions: string; order: number },
): AnswersFile {
  const write = (value: AnswersHeader | AnswerRecord): void => kept.append(`${summedLine(JSON.stringify(value))}\n`);
  const file: AnswersFile = {
    path,
    header: part?.header ?? null,
    records: part?.records ?? [],
    damaged: part?.damaged ?? [],
    cut,
    begin(tookPart) {
      const header: AnswersHeader = { answers: ANSWERS_FORMAT, questions, judge, tookPart, order };
      write(header);
      file.header = header;
    },
    append(record) {
      write(record);
      file.records.push(record);
    },
    close() {
      try {
        kept.close();
      } finally {
        release();
      }
    },
  };
  return file;
}

/** Cuts a torn last line off, and ends a whole one. */
function mended(fd: number, path: string): { part: AnswersPart | null; cut: number; content: Buffer } {
  const bytes = readFileSync(path);
  const part = parseAnswers(bytes);
  // Only the start of a header may be cut off, never somebody else's file.
  const begun = `{"answers":"`;
  if (!part && !bytes.toString('utf8', 0, begun.length).startsWith(begun.slice(0, bytes.length)))
    throw new AnswersError('holds no answers of `runner judge`: move it away');
  const end = part?.end ?? 0;
  if (end < bytes.length) ftruncateSync(fd, end);
  if (part?.lacksNewline) appendWhole(fd, '\n');
  if (end < bytes.length || part?.lacksNewline) fsyncSync(fd);
  const newline = part?.lacksNewline ? [Buffer.from('\n')] : [];
  return { part, cut: bytes.length - end, content: Buffer.concat([bytes.subarray(0, end), ...newline]) };
}
