import { createHash } from 'node:crypto';
import type { SharedRows } from '../../../src/generation/shared-rows.ts';
import { penalizeRepetition, sampleToken, type SamplingSettings } from '../../../src/lm/generation/sampling.ts';
import { randomAt } from '../../../src/lm/random/random.ts';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.ts';
import type { LineReader } from '../../../src/held-out/line-reader.ts';
import { readLine } from '../real/read-text.ts';
import { longestDraw, type Window } from '../real/windows.ts';

/** One try of a model at a window. */
export interface Job {
  window: Window;
  draw: number;
}

export interface DrawRules extends SamplingSettings {
  seed: number;
  repetitionPenalty: number;
  lines: number;
  turns: 'model' | 'asReal';
}

export interface Writer {
  rows: SharedRows;
  /** how many rows there are */
  atOnce: number;
  tokenizer: Tokenizer;
  reader: LineReader;
  stopIds: readonly number[];
  rules: DrawRules;
  signal: AbortSignal;
  /** called after each text, with its number of tokens */
  report(tokens: number): void;
}

export interface Drawn {
  /** from the head of the first line to the end of the last one, or as far as the model came */
  written: string;
  /** whether it was cut, because it was much longer than the real text */
  isCut: boolean;
  tokens: number;
}

/** What a model writes for each job. */
export async function drawTexts(jobs: readonly Job[], writer: Writer): Promise<Drawn[]> {
  const texts: Drawn[] = jobs.map(() => ({ written: '', isCut: false, tokens: 0 }));
  let next = 0;
  const work = async (): Promise<void> => {
    const row = await writer.rows.take(writer.signal);
    try {
      while (next < jobs.length) {
        const index = next++;
        texts[index] = await drawText(jobs[index]!, row, writer);
      }
    } finally {
      row.release();
    }
  };
  await Promise.all(Array.from({ length: Math.min(writer.atOnce, jobs.length) }, work));
  return texts;
}

/** The random numbers of a text depend on nothing else. */
export const laneOf = ({ document, line }: Window, draw: number): number =>
  createHash('sha256').update(`${document} ${line} ${draw}`).digest().readUInt32LE(0);

// ---------------------------------------------------------------------------

async function drawText(
  { window, draw }: Job,
  row: Awaited<ReturnType<SharedRows['take']>>,
  { tokenizer, reader, stopIds, rules, signal, report }: Writer,
): Promise<Drawn> {
  const { promptIds, real, realTokens } = window;
  const lane = laneOf(window, draw);
  const ids: number[] = [];
  row.setBack(0);
  let logits = await row.read(promptIds);
  const written = (): string => `${real[0]!.head}${tokenizer.decode(ids)}`;
  let ended = 0;
  let isCut = false;
  for (;;) {
    signal.throwIfAborted();
    if (rules.repetitionPenalty !== 1) {
      logits = logits.slice();
      penalizeRepetition(logits, [...promptIds, ...ids], rules.repetitionPenalty);
    }
    const id = sampleToken(logits, rules, randomAt(rules.seed, promptIds.length + ids.length, 'questions', lane));
    if (stopIds.includes(id)) break;
    ids.push(id);
    const lineEnds = tokenizer.bytesOf(id).filter((byte) => byte === 10).length;
    ended += lineEnds;
    // A line that cannot be shown makes the rest worthless.
    if (ended >= rules.lines || (lineEnds > 0 && !isReadable(written(), window, reader))) break;
    const forced = lineEnds > 0 && rules.turns === 'asReal' ? tokenizer.encode(real[ended]!.head) : [];
    isCut = ids.length + forced.length >= longestDraw(realTokens);
    if (isCut) break;
    ids.push(...forced);
    // One by one, together with the other rows: a program that reads several would have to be compiled.
    for (const read of [id, ...forced]) logits = await row.read([read]);
  }
  report(ids.length);
  return { written: written(), isCut, tokens: ids.length };
}

const isReadable = (written: string, window: Window, reader: LineReader): boolean =>
  typeof readLine(written.split('\n').at(-2)!, window, reader) !== 'string';
