import { textStream } from '../generation/text-stream.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { DrawnHead } from './draw-head.ts';
import { drawToken, type Drawing } from './draw.ts';
import type { LineForm } from './line-form.ts';
import { nextSpeaker } from './next-speaker.ts';
import type { Transcript } from './transcript.ts';

/** What happens while the model writes. */
export type TurnEvent =
  | { kind: 'line'; from: string; time: number }
  /** more of the line's text; nothing that was shown is ever taken back */
  | { kind: 'text'; text: string }
  /** the whole text of the line, which is now part of the transcript */
  | { kind: 'line-end'; text: string }
  /** the model ended the conversation; the next line begins another one */
  | { kind: 'conversation-end' };

/** The model and the rules of one chat. */
export interface Speaking {
  transcript: Transcript;
  tokenizer: Tokenizer;
  form: LineForm;
  /** ids that the model writes after a conversation; null if only text ends one */
  separator: number | null;
  /** Time of the next line of the model's, and of the line above it. */
  nextTimes(): { time: number; before: number | null };
  /** Remembers that a line with this time was written. */
  written(time: number): void;
  /** The texts of the model's latest two lines. */
  latest: string[];
  /** Aborts when the user wants the model to stop: the line then ends where it is. */
  signal: AbortSignal;
}

export interface Speakers {
  /** who writes the first line, whatever the model would prefer; null: the model decides */
  first: string | null;
  /** who may write more lines in this turn */
  may: string[];
  /** whose line would end the turn; nothing of it is written */
  yields: string[];
  /** lines at most; one if lines have no names, because nobody knows who would be next */
  lines: number;
}

/** Lines of the model in one turn. */
export const MOST_LINES = 5;

/**
 * Lets the model write until somebody else would speak. The beginning of a line, up to its text, can only be that of
 * one of the speakers, so the model never writes a line as somebody who is to be asked instead.
 */
export async function* turn(speaking: Speaking, speakers: Speakers, drawing: Drawing): AsyncGenerator<TurnEvent> {
  const { transcript, form, signal } = speaking;
  for (let count = 0; count < speakers.lines && !signal.aborted; count++) {
    const start = transcript.length();
    const times = speaking.nextTimes();
    const first = count === 0 ? speakers.first : null;
    const { name: from, ...begun } = await nextSpeaker(speaking, { ...speakers, first }, { ...times, drawing });
    if (from === null) {
      yield { kind: 'conversation-end' };
      return;
    }
    if (speakers.yields.includes(from)) {
      await transcript.backTo(start);
      return;
    }
    transcript.beginLine(start);
    yield { kind: 'line', from, time: times.time };
    yield* text(speaking, begun, drawing);
    speaking.written(times.time);
    if (!form.hasNames) return;
  }
}

// ---------------------------------------------------------------------------

const MOST_TEXT_TOKENS = 200;

/** What of the text came with the head of its line. */
type TextStart = Omit<DrawnHead, 'name'>;

/** Writes the text of a line and its end. A line that was the same twice is not shown before it differs. */
async function* text(speaking: Speaking, begun: TextStart, drawing: Drawing): AsyncGenerator<TurnEvent> {
  const { transcript, latest } = speaking;
  const start = transcript.length();
  const repeated = latest.length > 1 && latest.every((text) => text === latest[0]) ? latest[0]! : null;
  for (let attempt = 0; ; attempt++) {
    let shown = '';
    const lane = drawing.lane + attempt * ATTEMPT;
    for await (const { text, isWhole } of textSoFar(speaking, begun, { ...drawing, lane })) {
      if (isWhole && text === repeated && attempt < MOST_ATTEMPTS) break;
      if (repeated !== null && repeated.startsWith(text) && !isWhole) continue;
      if (text.length > shown.length) yield { kind: 'text', text: text.slice(shown.length) };
      shown = text;
      if (!isWhole) continue;
      latest.splice(0, latest.length, ...latest.slice(-1), text);
      yield { kind: 'line-end', text };
      return;
    }
    await transcript.backTo(start);
  }
}

/** The lanes of one turn are far enough apart for all attempts at a line. */
const ATTEMPT = 2 ** 20;
const MOST_ATTEMPTS = 3;

/** The text of a line as it grows, as far as nothing of it can change; at last the whole text. */
async function* textSoFar(
  { transcript, tokenizer, form, signal }: Speaking,
  start: TextStart,
  drawing: Drawing,
): AsyncGenerator<{ text: string; isWhole: boolean }> {
  const stream = textStream(tokenizer);
  const kinds = tokenKinds(tokenizer);
  let raw = stream.addBytes(start.text);
  if (start.isEnded) return yield { text: textIn(raw + stream.rest(), form), isWhole: true };
  for (let count = 0; ; count++) {
    const begun = raw.trim() !== '';
    if (begun) yield { text: textIn(raw, form, true), isWhole: false };
    if (count === MOST_TEXT_TOKENS || (signal.aborted && begun)) break;
    const id = await drawToken(transcript, drawing, (logits) => kinds.bar(logits, begun));
    await transcript.add([id]);
    if (id === kinds.lineFeed) return yield { text: textIn(raw + stream.rest(), form), isWhole: true };
    raw += stream.add(id);
  }
  await transcript.add(tokenizer.encode(`${raw.endsWith(form.tail) ? '' : form.tail}\n`));
  yield { text: textIn(raw, form), isWhole: true };
}

/** The text of a line, without what the template writes before and after it. `open`: more of the line may follow. */
function textIn(raw: string, { lead, tail }: LineForm, open = false): string {
  const text = lead !== '' && raw.startsWith(lead) ? raw.slice(lead.length) : raw;
  if (tail === '') return text;
  if (!open) return text.endsWith(tail) ? text.slice(0, -tail.length) : text;
  for (let length = Math.min(tail.length, text.length); length > 0; length--)
    if (text.endsWith(tail.slice(0, length))) return text.slice(0, -length);
  return text;
}

interface TokenKinds {
  /** the only token that ends a line */
  lineFeed: number;
  /** Bars what cannot be part of a line; before its first character, also what would leave it empty. */
  bar(logits: Float32Array, begun: boolean): void;
}

const known = new WeakMap<Tokenizer, TokenKinds>();

function tokenKinds(tokenizer: Tokenizer): TokenKinds {
  const found = known.get(tokenizer);
  if (found) return found;
  const [lineFeed] = tokenizer.encode('\n') as [number];
  const decoder = new TextDecoder();
  const never: number[] = [];
  const notFirst: number[] = [];
  for (let id = 0; id < tokenizer.vocabularySize; id++) {
    const bytes = tokenizer.bytesOf(id);
    if (bytes.length === 0 || (bytes.includes(10) && id !== lineFeed)) never.push(id);
    else if (decoder.decode(bytes).trim() === '') notFirst.push(id);
  }
  const kinds: TokenKinds = {
    lineFeed,
    bar(logits, begun) {
      for (const id of never) logits[id] = -Infinity;
      if (!begun) for (const id of notFirst) logits[id] = -Infinity;
      // ids that the vocabulary does not have
      logits.fill(-Infinity, tokenizer.vocabularySize);
    },
  };
  known.set(tokenizer, kinds);
  return kinds;
}
