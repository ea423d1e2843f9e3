import { sampleToken } from '../lm/generation/sampling.ts';
import { randomAt } from '../lm/random/random.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { drawIndex, logSumExp, type Drawing } from './draw.ts';
import { continued, emptyLine, follow, isSettled, textOf, type LineHead, type LineStart } from './head-trie.ts';
import type { Transcript } from './transcript.ts';

/** The beginning of a line, which is in the transcript. */
export interface DrawnHead {
  /** null: the separator was drawn instead of a line */
  name: string | null;
  /** bytes of the text that came with the head, such as those of `)` in a token `:)`; they may end within a character */
  text: Uint8Array;
  /** whether the end of the line came too */
  isEnded: boolean;
}

/**
 * Draws the beginning of a line from the model where a token may hold the end of a head and the beginning of a text, or
 * where one head begins like another. Tokens are accepted by their bytes: the line can only begin with one of the
 * heads, and it goes on until no longer head can come of it. The vocabulary must have a token for each byte.
 *
 * `separator`: an id that may come instead of a line; null: none.
 */
export async function drawHead(
  transcript: Transcript,
  { heads, separator, tokenizer }: { heads: LineHead[]; separator: number | null; tokenizer: Tokenizer },
  drawing: Drawing,
): Promise<DrawnHead> {
  const words = wordsOf(tokenizer);
  let line = emptyLine(heads);
  let mayEnd = separator;
  while (mayEnd !== null || !isSettled(line)) {
    const ids = nextIds(line, words);
    const drawn = await drawOne(transcript, { ...ids, separator: mayEnd }, drawing);
    await transcript.add([drawn]);
    if (drawn === mayEnd) return { name: null, text: new Uint8Array(), isEnded: false };
    mayEnd = null;
    const before = line;
    line = continued(line, tokenizer.bytesOf(drawn));
    if (textOf(line).at(-1) === LINE_FEED) return { name: line.head!.name, text: textOf(before), isEnded: true };
  }
  return { name: line.head!.name, text: textOf(line), isEnded: false };
}

// ---------------------------------------------------------------------------

interface NextIds {
  /** of a head, with nothing of a text */
  head: number[];
  /** of a text, perhaps with the end of its head */
  text: number[];
}

const LINE_FEED = 10;
const BLANKS = new Set([9, LINE_FEED, 11, 12, 13, 32]);
const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => BLANKS.has(byte));

function nextIds(line: LineStart, { byFirstByte, lineFeed }: Words): NextIds {
  const ids: NextIds = { head: [], text: [] };
  const isBegun = !isBlank(textOf(line));
  // Before a head is complete, only what goes on with one can follow.
  const firsts = line.head === null ? [...line.node!.next.keys()] : byFirstByte.keys();
  for (const first of firsts)
    for (const { id, bytes } of byFirstByte[first]!) {
      const next = follow(line, bytes);
      if (next === null) continue;
      const { head, node } = next;
      const length = line.bytes.length + bytes.length - (head?.textAt ?? 0);
      if (node?.leadsOn || (length === 0 && !head!.isBarred)) ids.head.push(id);
      else if (head === null || head.isBarred) continue;
      else if (isBegun && head === line.head) {
        if (id === lineFeed || !bytes.includes(LINE_FEED)) ids.text.push(id);
      } else if (beginsText(length < bytes.length ? bytes.subarray(-length) : bytes, head)) ids.text.push(id);
    }
  return ids;
}

/** A text has no line end, and begins with nothing but the blank of the template before its first character. */
function beginsText(bytes: Uint8Array, { textAt, bytes: { length } }: LineHead): boolean {
  return !bytes.includes(LINE_FEED) && (!isBlank(bytes) || bytes.length <= length - textAt);
}

/**
 * First it is drawn whether the line goes on with a text, and if not, how its head goes on. Top-k and top-p do not
 * apply to that: they would hide a person whom the model finds unlikely. They do apply to the text.
 */
async function drawOne(
  transcript: Transcript,
  { head, text, separator }: NextIds & { separator: number | null },
  drawing: Drawing,
): Promise<number> {
  const logits = await transcript.logits();
  const listed = separator === null ? head : [...head, separator];
  const texts = new Float32Array(logits.length).fill(-Infinity);
  for (const id of text) texts[id] = logits[id]!;
  const options = [...listed.map((id) => logits[id]!), ...(text.length > 0 ? [logSumExp(texts)] : [])];
  const drawn = listed[drawIndex(options, transcript.length(), drawing)];
  if (drawn !== undefined) return drawn;
  const random = randomAt(drawing.seed, transcript.length(), 'chat', drawing.lane + TEXT_LANE);
  return sampleToken(texts, drawing, random);
}

/** Far from the lanes of other attempts, so that the two draws in one place have nothing to do with each other. */
const TEXT_LANE = 2 ** 24;

/** The tokens of a vocabulary that have text. */
interface Words {
  /** first byte → tokens */
  byFirstByte: { id: number; bytes: Uint8Array }[][];
  /** the token that ends a line */
  lineFeed: number;
}

const known = new WeakMap<Tokenizer, Words>();

function wordsOf(tokenizer: Tokenizer): Words {
  const found = known.get(tokenizer);
  if (found) return found;
  const byFirstByte: Words['byFirstByte'] = Array.from({ length: 256 }, () => []);
  for (let id = 0; id < tokenizer.vocabularySize; id++) {
    const bytes = tokenizer.bytesOf(id);
    if (bytes.length > 0) byFirstByte[bytes[0]!]!.push({ id, bytes });
  }
  const words = { byFirstByte, lineFeed: tokenizer.encode('\n')[0]! };
  known.set(tokenizer, words);
  return words;
}
