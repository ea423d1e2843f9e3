import type { Row } from '../generation/row.ts';
import type { SamplingSettings } from '../lm/generation/sampling.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { Clock } from './clock.ts';
import type { LineForm } from './line-form.ts';
import { openTranscript, type Transcript } from './transcript.ts';
import { turn, type Speakers, type Speaking, type TurnEvent } from './turn.ts';

export interface ChatSettings {
  /** who the model writes as */
  person: string;
  /** who the user writes as */
  user: string;
  /** others who may write too, in a group */
  others: string[];
  seed: number;
  drawing: SamplingSettings;
}

export interface ChatParts {
  row: Row;
  tokenizer: Tokenizer;
  form: LineForm;
  /** ids before the first line of a conversation: the separator, and the header if there is one */
  opening: number[];
  /** those of them that stay before the latest lines when the model's context is full */
  pinned: number[];
  /** id that ends a conversation; null if only text ends one */
  separator: number | null;
  clock: Clock;
}

/** A conversation with a model. Each call of `say` and so on must be read to its end before the next one. */
export interface Chat {
  settings: ChatSettings;
  /** Adds the user's messages, and lets the model answer. `seconds`: since the last line; null: the usual time. */
  say(messages: string[], seconds: number | null): AsyncGenerator<TurnEvent>;
  /** The model answers again, with other words. */
  again(): AsyncGenerator<TurnEvent>;
  /** The model writes another line. */
  more(): AsyncGenerator<TurnEvent>;
  /** The model writes lines of everybody. */
  self(lines: number): AsyncGenerator<TurnEvent>;
  /** Takes back the latest exchange. Returns the user's messages in it; null if there is none. */
  undo(): Promise<string[] | null>;
  /** Begins another conversation, with nothing before it. */
  fresh(): Promise<void>;
  /** Ends the model's line where it is. */
  stop(): void;
  /** number of lines that the model no longer sees since the last call */
  takeDropped(): number;
  /** Throws an Error if a message is too long for the model. */
  check(message: string): void;
}

/** A place between two lines of the chat. */
interface Place {
  tokens: number;
  time: number;
  isFirstLine: boolean;
}

interface Exchange {
  messages: string[];
  /** before the user's messages */
  before: Place;
  /** before the model's answer */
  answer: Place;
  speakers: Speakers;
  lane: number;
}

/** Lines of the model in one turn. */
const MOST_LINES = 5;

export async function openChat(parts: ChatParts, settings: ChatSettings): Promise<Chat> {
  const { row, tokenizer, form, clock, opening, pinned } = parts;
  let transcript: Transcript = await openTranscript(row, opening, pinned);
  let exchanges: Exchange[] = [];
  let latest: string[] = [];
  let stopping = new AbortController();
  let isFirstLine = true;

  const here = (): Place => ({ tokens: transcript.length(), time: clock.now(), isFirstLine });
  const goBack = async (place: Place): Promise<void> => {
    await transcript.backTo(place.tokens);
    clock.set(place.time);
    ({ isFirstLine } = place);
    latest = [];
  };
  const speaking = (): Speaking => ({
    transcript,
    tokenizer,
    form,
    separator: parts.separator,
    nextTimes: () => ({ time: clock.next(), before: isFirstLine ? null : clock.now() }),
    written(time) {
      clock.set(time);
      isFirstLine = false;
    },
    latest,
    signal: stopping.signal,
  });
  async function* answer(exchange: Exchange): AsyncGenerator<TurnEvent> {
    stopping = new AbortController();
    const drawing = { ...settings.drawing, seed: settings.seed, lane: exchange.lane };
    for await (const event of turn(speaking(), exchange.speakers, drawing)) {
      yield event;
      if (event.kind !== 'conversation-end') continue;
      isFirstLine = true;
      if (pinned.length > 0) await transcript.add(pinned.slice(1)); // the separator is there already
    }
  }
  const addMessage = async (message: string, seconds: number | null): Promise<void> => {
    const time = seconds === null ? clock.next() : clock.now() + Math.round(seconds * 1000);
    transcript.beginLine();
    await transcript.add(
      tokenizer.encode(lineOf(form, settings.user, message, time, isFirstLine ? null : clock.now())),
    );
    clock.set(time);
    isFirstLine = false;
  };
  const answering = (): Speakers => ({
    first: settings.person,
    may: [settings.person, ...settings.others],
    yields: [settings.user],
    lines: form.hasNames ? MOST_LINES : 1,
  });

  return {
    settings,
    async *say(messages, seconds) {
      const before = here();
      const written = messages.map(foldedLine).filter((message) => message.trim() !== '');
      for (const [index, message] of written.entries()) await addMessage(message, index === 0 ? seconds : 0);
      const exchange = { messages: written, before, answer: here(), speakers: answering(), lane: 0 };
      exchanges.push(exchange);
      yield* answer(exchange);
    },
    async *again() {
      const exchange = exchanges.at(-1);
      if (!exchange) return;
      exchange.lane++;
      await goBack(exchange.answer);
      yield* answer(exchange);
    },
    async *more() {
      const exchange = {
        messages: [],
        before: here(),
        answer: here(),
        speakers: { ...answering(), lines: 1 },
        lane: 0,
      };
      exchanges.push(exchange);
      yield* answer(exchange);
    },
    async *self(lines) {
      const everybody = [settings.person, settings.user, ...settings.others];
      const speakers = { first: null, may: everybody, yields: [], lines };
      const exchange = { messages: [], before: here(), answer: here(), speakers, lane: 0 };
      exchanges.push(exchange);
      yield* answer(exchange);
    },
    async undo() {
      const exchange = exchanges.pop();
      if (!exchange) return null;
      await goBack(exchange.before);
      return exchange.messages;
    },
    async fresh() {
      row.setBack(0);
      transcript = await openTranscript(row, opening, pinned);
      exchanges = [];
      latest = [];
      isFirstLine = true;
    },
    stop: () => stopping.abort(),
    takeDropped: () => transcript.takeDropped(),
    check(message) {
      const { length } = tokenizer.encode(lineOf(form, settings.user, foldedLine(message), clock.next(), clock.now()));
      const most = Math.floor((row.context * 3) / 4) - pinned.length;
      if (length > most)
        throw new Error(`this message has ${length} tokens, but the model reads at most ${most} at once: shorten it`);
    },
  };
}

// ---------------------------------------------------------------------------

/** As a reader of chats renders a message that has line breaks. */
const foldedLine = (message: string): string => message.replace(/\s*[\r\n\u2028\u2029\u0085\v\f]+\s*/g, ' ');

const lineOf = (form: LineForm, from: string, text: string, time: number, before: number | null): string =>
  `${form.head(from, time, before)}${form.lead}${text}${form.tail}\n`;
