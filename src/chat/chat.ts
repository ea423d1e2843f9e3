import { UserError } from '../pipeline/diagnostic/user-error.ts';
import type { Row } from '../generation/row.ts';
import type { SamplingSettings } from '../lm/generation/sampling.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { Clock } from './clock.ts';
import type { LineForm } from './line-form.ts';
import { openTranscript, roomForLines, type Beginning, type Transcript } from './transcript.ts';
import { MOST_LINES, turn, type Speakers, type Speaking, type TurnEvent } from './turn.ts';

export interface ChatSettings {
  /** who the model writes as */
  person: string;
  /** who the user writes as */
  user: string;
  /** who else may write, in a group; may name the two as well */
  others: string[];
  seed: number;
  drawing: SamplingSettings;
}

export interface ChatParts extends Pick<Beginning, 'opening' | 'pinned'> {
  row: Row;
  tokenizer: Tokenizer;
  form: LineForm;
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
  /** Throws a UserError if a message is too long for the model. */
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

export async function openChat(parts: ChatParts, settings: ChatSettings): Promise<Chat> {
  const { row, tokenizer, form, clock, opening, pinned } = parts;
  let transcript: Transcript = await openTranscript(row, { opening, pinned });
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
    transcript.beginLine(transcript.length());
    const line = form.line({ from: settings.user, text: message }, time, isFirstLine ? null : clock.now());
    await transcript.add(tokenizer.encode(line));
    clock.set(time);
    isFirstLine = false;
  };
  const others = (): string[] => settings.others.filter((name) => name !== settings.person && name !== settings.user);
  const answering = (): Speakers => ({
    first: settings.person,
    may: [settings.person, ...others()],
    yields: [settings.user],
    lines: MOST_LINES,
  });
  const newExchange = (speakers: Speakers, from: Pick<Exchange, 'messages' | 'before'>): Exchange => {
    const exchange = { ...from, answer: here(), speakers, lane: 0 };
    exchanges.push(exchange);
    return exchange;
  };

  return {
    settings,
    async *say(messages, seconds) {
      const before = here();
      const written = messages.map(foldedLine).filter((message) => message.trim() !== '');
      for (const [index, message] of written.entries()) await addMessage(message, index === 0 ? seconds : 0);
      yield* answer(newExchange(answering(), { messages: written, before }));
    },
    async *again() {
      const exchange = exchanges.at(-1);
      if (!exchange) return;
      exchange.lane++;
      await goBack(exchange.answer);
      yield* answer(exchange);
    },
    async *more() {
      yield* answer(newExchange({ ...answering(), lines: 1 }, { messages: [], before: here() }));
    },
    async *self(lines) {
      const everybody = [settings.person, settings.user, ...others()];
      yield* answer(newExchange({ first: null, may: everybody, yields: [], lines }, { messages: [], before: here() }));
    },
    async undo() {
      const exchange = exchanges.pop();
      if (!exchange) return null;
      await goBack(exchange.before);
      return exchange.messages;
    },
    async fresh() {
      row.setBack(0);
      transcript = await openTranscript(row, { opening, pinned });
      exchanges = [];
      latest = [];
      isFirstLine = true;
    },
    stop: () => stopping.abort(),
    takeDropped: () => transcript.takeDropped(),
    check(message) {
      const line = form.line({ from: settings.user, text: foldedLine(message) }, clock.next(), clock.now());
      const { length } = tokenizer.encode(line);
      const most = roomForLines(row.context, pinned);
      if (length > most)
        throw new UserError(
          `this message has ${length} tokens, but the model reads at most ${most} at once: shorten it`,
        );
    },
  };
}

// ---------------------------------------------------------------------------

/** As a reader of chats renders a message that has line breaks. */
const foldedLine = (message: string): string => message.replace(/\s*[\r\n\u2028\u2029\u0085\v\f]+\s*/g, ' ');
