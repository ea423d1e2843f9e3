import { lineFormOf } from '../../src/chat/line-form.ts';
import { openChat, type Chat, type ChatSettings } from '../../src/chat/chat.ts';
import { clockAfter } from '../../src/chat/clock.ts';
import type { TurnEvent } from '../../src/chat/turn.ts';
import type { Row } from '../../src/generation/row.ts';
import { randomAt } from '../../src/lm/random/random.ts';
import { defaultTokenizer } from '../../src/tokenizer/identity.ts';
import { openTokenizer } from '../../src/tokenizer/open-tokenizer.ts';

export const tokenizer = openTokenizer(defaultTokenizer);
export const SEPARATOR = tokenizer.separator;

/** A row that remembers what it was asked to read, and whose logits a function of all read tokens decides. */
export function fakeRow(logitsAfter: (tokens: number[]) => Float32Array, context = 256) {
  const tokens: number[] = [];
  let longest = 0;
  let reads = 0;
  const row: Row = {
    context,
    place: () => tokens.length,
    async read(ids) {
      tokens.push(...ids);
      reads += ids.length;
      longest = Math.max(longest, tokens.length);
      if (tokens.length > context) throw new Error(`read ${tokens.length} tokens into a context of ${context}`);
      return logitsAfter(tokens);
    },
    setBack(place) {
      if (place > tokens.length || place < 0) throw new RangeError(`${place}`);
      tokens.length = place;
    },
  };
  return { row, text: () => tokenizer.decode(tokens), tokens, longest: () => longest, reads: () => reads };
}

/** A model that wants to write these texts: each is its answer after `Ann:`, the head after the user's latest line. */
export function scripted(answers: string[]) {
  const wanted = answers.map((answer) =>
    answer.split('<sep>').flatMap((part, i) => [...(i > 0 ? [SEPARATOR] : []), ...tokenizer.encode(part)]),
  );
  return (tokens: number[]): Float32Array => {
    const logits = new Float32Array(50257);
    const lineStarts = tokens.flatMap((id, i) => (id === 198 || id === SEPARATOR ? [i + 1] : []));
    const user = lineStarts.findLast(
      (at) => tokens[at] === BOB && tokens[at + 1] === COLON && lineStarts.some((end) => end > at),
    );
    const start = lineStarts.find((at) => at > (user ?? -1))! + 2;
    const written = tokens.slice(start);
    for (const ids of wanted)
      if (written.length < ids.length && written.every((id, i) => id === ids[i])) logits[ids[written.length]!] = 50;
    return logits;
  };
}

const [BOB, COLON] = tokenizer.encode('Bob:');

export function randomLogits(seed: number) {
  return (tokens: number[]): Float32Array => {
    const random = randomAt(seed + (tokens.at(-1) ?? 0), tokens.length, 'mix');
    const logits = new Float32Array(50257);
    for (let i = 0; i < 40; i++) logits[random() % 50257] = 12;
    for (const id of FREQUENT) logits[id] = random() % 16;
    return logits;
  };
}

/** Line ends, separators, and everything that names consist of. */
const FREQUENT = [198, SEPARATOR, ...tokenizer.encode('Ann Bob Lee :( )😀 Ann: Bob:\n\nAnn\n')];

export async function chatWith(
  row: Row,
  { template = '{name}: {text}', ...settings }: Partial<ChatSettings> & { template?: string } = {},
): Promise<Chat> {
  return openChat(
    {
      row,
      tokenizer,
      form: lineFormOf(template),
      opening: [SEPARATOR],
      pinned: [],
      separator: SEPARATOR,
      clock: clockAfter(null, Date.UTC(2026, 4, 4, 17)),
    },
    {
      person: 'Ann',
      user: 'Bob',
      others: [],
      seed: 1,
      drawing: { temperature: 0, topK: 0, topP: 1 },
      ...settings,
    },
  );
}

/** The lines of an answer as they were shown; each part of a text separately. */
export async function shownLines(events: AsyncGenerator<TurnEvent>): Promise<{ lines: string[]; parts: string[] }> {
  const lines: string[] = [];
  const parts: string[] = [];
  for await (const event of events) {
    if (event.kind === 'line') lines.push(`${event.from}: `);
    if (event.kind === 'conversation-end') lines.push('(end)');
    if (event.kind !== 'text') continue;
    parts.push(event.text);
    lines[lines.length - 1] += event.text;
  }
  return { lines, parts };
}
