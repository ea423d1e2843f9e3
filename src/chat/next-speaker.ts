import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { drawHead, type DrawnHead } from './draw-head.ts';
import { drawContinuation, type Drawing } from './draw.ts';
import type { LineHead } from './head-trie.ts';
import type { LineForm } from './line-form.ts';
import type { Transcript } from './transcript.ts';

/** In what a line is written. */
interface Writing {
  transcript: Transcript;
  tokenizer: Tokenizer;
  form: LineForm;
  /** id that the model writes after a conversation; null if only text ends one */
  separator: number | null;
}

/** Whose line may come next. */
interface Candidates {
  /** one of those below, whose line it is; null: the model decides */
  first: string | null;
  may: string[];
  yields: string[];
}

/**
 * Writes the beginning of a line: that of `first`, or of whom the model prefers; the end of the conversation is another
 * possibility then.
 */
export async function nextSpeaker(
  { transcript, tokenizer, form, separator }: Writing,
  { first, may, yields }: Candidates,
  { time, before, drawing }: { time: number; before: number | null; drawing: Drawing },
): Promise<DrawnHead> {
  const everybody = form.hasNames ? [...new Set([...may, ...yields])] : [first ?? may[0]!];
  const heads = everybody.map((name) => ({ name, text: form.head(name, time, before) }));
  const end = first === null ? separator : null;
  const allowed = first === null ? heads : heads.filter(({ name }) => name === first);
  if (!form.canMerge && !beginAlike(heads.map(({ text }) => text))) {
    const options = allowed.map(({ name, text }) => ({ ids: tokenizer.encode(text), value: name }));
    const name = await drawContinuation<string | null>(transcript, [...options, ...endOption(end)], drawing);
    return { name, ...NO_TEXT };
  }
  const certain = firstWords(allowed.map(({ text }) => text + form.lead));
  if (certain !== '') {
    const ids = tokenizer.encode(certain);
    const line = await drawContinuation(transcript, [{ ids, value: 'line' }, ...endOption(end)], drawing);
    if (line === null) return { name: null, ...NO_TEXT };
  }
  const lineHeads = heads
    .filter(({ text }) => text.startsWith(certain))
    .map(({ name, text }): LineHead => {
      const rest = text.slice(certain.length);
      const isBarred = first !== null && name !== first;
      return { name, bytes: utf8(rest + form.lead), textAt: utf8(rest).length, isBarred };
    });
  const mayEnd = certain === '' ? end : null;
  return drawHead(transcript, { heads: lineHeads, separator: mayEnd, tokenizer }, drawing);
}

// ---------------------------------------------------------------------------

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const NO_TEXT = { text: new Uint8Array(), isEnded: false };

const endOption = (separator: number | null) => (separator === null ? [] : [{ ids: [separator], value: null }]);

/** Whether one of them begins with another. */
function beginAlike(texts: string[]): boolean {
  const sorted = texts.sort();
  return sorted.some((text, i) => sorted[i + 1]?.startsWith(text));
}

/** What all of them begin with, up to a blank: a token does not go on beyond the blank that a word begins with. */
function firstWords([text = '', ...others]: string[]): string {
  let end = 0;
  while (end < text.length && others.every((other) => other[end] === text[end])) end++;
  return text.slice(0, Math.max(0, text.lastIndexOf(' ', end - 1)));
}
