import { openTranscript, roomForLines } from '../chat/transcript.ts';
import { MOST_LINES, turn, type TurnEvent } from '../chat/turn.ts';
import { openEliza } from '../eliza/open-eliza.ts';
import { shippedScript } from '../eliza/shipped-script.ts';
import { HttpError } from './local-server.ts';
import type { LineForm } from '../chat/line-form.ts';
import type { SharedRows } from '../generation/shared-rows.ts';
import { textStream } from '../generation/text-stream.ts';
import { addToken, newText, type Stopped } from '../lm/generation/text-so-far.ts';
import type { SamplingSettings } from '../lm/generation/sampling.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

/** Somebody whom a client can talk with. */
export interface Persona {
  /** what clients call the model: `ann-lee@quickstart-5ad4` */
  id: string;
  person: string;
  /** who talks with them, if a message does not say */
  user: string;
}

/** A model that several clients use at the same time. */
export interface ServedModel {
  rows: SharedRows;
  tokenizer: Tokenizer;
  /** in tokens */
  context: number;
  stopIds: readonly number[];
  form: LineForm;
  /** id that ends a conversation; null if only text ends one */
  separator: number | null;
  /**
   * Of two people: the ids before the first line of a conversation, when their next line would be, and the usual time
   * between two lines, in milliseconds.
   */
  beginningOf(person: string, user: string): { opening: number[]; start: number; gap: number };
}

export interface Wanted {
  drawing: SamplingSettings;
  seed: number;
  maxTokens: number | null;
  signal: AbortSignal;
}

export interface Line {
  from: string;
  text: string;
}

export interface ChatWanted extends Wanted {
  persona: Persona;
  lines: Line[];
}

export type Written = TurnEvent | { kind: 'usage'; prompt: number; completion: number; isCut: boolean };

/** The program of 1966, beside the people. */
export const ELIZA: Persona = { id: 'eliza', person: 'ELIZA', user: 'You' };

/** Throws an HttpError if the latest line is too long to be read; earlier ones are dropped. */
export function checkLatestLine(
  { tokenizer, form, context, beginningOf }: ServedModel,
  { persona, lines }: ChatWanted,
): void {
  const latest = lines.at(-1);
  if (!latest || persona.id === ELIZA.id) return;
  const { length } = tokenizer.encode(form.line(latest, 0, null));
  const most = roomForLines(context, beginningOf(persona.person, persona.user).opening);
  if (length > most)
    throw new HttpError(400, `the latest message has ${length} tokens, but the model reads at most ${most} at once`);
}

/** The answer of a person to these lines; at last what it took. */
export async function* answerTo(model: ServedModel, wanted: ChatWanted): AsyncGenerator<Written> {
  if (wanted.persona.id === ELIZA.id) return yield* answerOfEliza(wanted.lines, model.tokenizer);
  const { form, tokenizer, context, separator } = model;
  const { person, user } = wanted.persona;
  const { opening, start, gap } = model.beginningOf(person, user);
  const row = await model.rows.take(wanted.signal);
  const stopping = new AbortController();
  try {
    let time = start;
    const lines = wanted.lines.map((line, index) => {
      const before = index === 0 ? null : time;
      time = start + index * gap;
      return tokenizer.encode(form.line(line, time, before));
    });
    const kept = latestThatFit(lines, roomForLines(context, opening));
    const transcript = await openTranscript(row, { opening, pinned: opening, lines: kept });
    const prompt = transcript.length();
    const speaking = {
      transcript,
      tokenizer,
      form,
      separator,
      nextTimes: () => ({ time: time + gap, before: lines.length === 0 ? null : time }),
      written: (at: number) => void (time = at),
      latest: [],
      signal: stopping.signal,
    };
    const others = [...new Set([user, ...wanted.lines.map(({ from }) => from)])].filter((name) => name !== person);
    const speakers = { first: person, may: [person], yields: others, lines: MOST_LINES };
    let ended = 0; // tokens of the texts of ended lines; heads of lines are not the client's
    let textStart = prompt;
    const completion = (): number => ended + transcript.length() - textStart;
    for await (const event of turn(speaking, speakers, { ...wanted.drawing, seed: wanted.seed, lane: 0 })) {
      if (event.kind === 'line') textStart = transcript.length();
      if (event.kind === 'line-end') ended = completion();
      if (event.kind === 'text' && wanted.maxTokens !== null && completion() >= wanted.maxTokens) stopping.abort();
      yield event;
    }
    yield { kind: 'usage', prompt, completion: ended, isCut: stopping.signal.aborted };
  } finally {
    row.release();
  }
}

export interface Completion extends Wanted {
  promptIds: number[];
  prompt: string;
  lane: number;
  stop: string[];
  maxTokens: number;
}

export type Completed = { kind: 'text'; text: string } | { kind: 'end'; stopped: Stopped; tokens: number };

/** Continues a text, as a `sample` stage does. */
export async function* complete(model: ServedModel, wanted: Completion): AsyncGenerator<Completed> {
  const { tokenizer, context, stopIds } = model;
  const row = await model.rows.take(wanted.signal);
  const { prompt, promptIds, seed, lane, stop, maxTokens } = wanted;
  const text = newText({ prompt, promptIds, seed, lane });
  const stream = textStream(tokenizer, stop);
  const rules = {
    ...wanted.drawing,
    maxNewTokens: maxTokens,
    stopAtSeparator: true,
    stop,
    repetitionPenalty: 1,
    overflow: 'stop' as const,
  };
  try {
    for (let ids = promptIds; text.stopped === null; ids = [text.newIds.at(-1)!]) {
      addToken(text, (await row.read(ids)).slice(), rules, { tokenizer, context, stopIds });
      const settled = stream.add(text.newIds.at(-1)!);
      if (settled !== '') yield { kind: 'text', text: settled };
    }
    const rest = stream.rest();
    if (rest !== '' && text.stopped !== 'stop') yield { kind: 'text', text: rest };
    yield { kind: 'end', stopped: text.stopped, tokens: text.newIds.length };
  } finally {
    row.release();
  }
}

// ---------------------------------------------------------------------------

/** She remembers nothing between requests, so she hears the whole conversation again. */
function* answerOfEliza(lines: Line[], tokenizer: Tokenizer): Generator<Written> {
  const eliza = openEliza(shippedScript());
  const heard = lines.filter(({ from }) => from !== ELIZA.person).map(({ text }) => text);
  const text = heard.reduce((_, line) => eliza.answer(line), eliza.hello);
  yield { kind: 'line', from: ELIZA.person, time: 0 };
  yield { kind: 'text', text };
  yield { kind: 'line-end', text };
  const tokensOf = (texts: string[]): number => texts.reduce((sum, one) => sum + tokenizer.encode(one).length, 0);
  yield { kind: 'usage', prompt: tokensOf(heard), completion: tokensOf([text]), isCut: false };
}

function latestThatFit(lines: number[][], room: number): number[][] {
  let tokens = 0;
  const first = lines.findLastIndex((ids) => (tokens += ids.length) > room);
  return lines.slice(first + 1);
}
