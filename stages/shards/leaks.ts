import type { SplitName } from '../../src/artifacts/tokens/index.ts';
import { defaultTokenizer } from '../../src/tokenizer/identity.ts';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import { LONG_CHARS, TELLING_LINES, newLeakCheck, type Leaks } from '../leak-check.ts';

/** Looks for documents and long lines that are both held out and in train. */
export interface ShardLeaks {
  /** The next ids of a split's stream. */
  add(split: SplitName, ids: Uint16Array): void;
  result(): { conversations: Leaks; lines: Leaks };
}

export function shardLeaks(tokenizer: Tokenizer): ShardLeaks {
  const breaks = Uint8Array.from({ length: 1 << 16 }, (_, id) =>
    Number(id < tokenizer.vocabularySize && tokenizer.decode([id]).includes('\n')),
  );
  const documents = newLeakCheck();
  const lines = newLeakCheck();
  const streams = new Map<SplitName, Stream>();
  return {
    add(split, ids) {
      const stream = streams.get(split) ?? { line: newText(), document: newText(), longLines: 0 };
      streams.set(split, stream);
      const found = hashesIn(ids, stream, { breaks, byteLengths: tokenizer.byteLengths });
      documents.add(split, Float64Array.from(found.documents));
      lines.add(split, Float64Array.from(found.lines));
    },
    result: () => ({ conversations: documents.result(), lines: lines.result() }),
  };
}

// -----------------------------------------------------------------------------------------------------------

const { separator: SEPARATOR } = defaultTokenizer;

/** A shorter document of few lines may well occur twice. */
const TELLING_BYTES = 200;

/** A text while it is read: two halves of its hash, and its size in bytes. */
interface Text {
  high: number;
  low: number;
  bytes: number;
}

interface Stream {
  line: Text;
  document: Text;
  longLines: number;
}

const newText = (): Text => ({ high: 0x41c6ce57, low: 0x9e3779b9, bytes: 0 });
const hashOf = ({ high, low }: Text): number =>
  ((high ^ (high >>> 16)) >>> 11) * 2 ** 32 + ((low ^ (low >>> 13)) >>> 0);

function addId(text: Text, id: number, bytes: number): void {
  text.low = Math.imul(text.low ^ id, 0x85ebca6b);
  text.high = Math.imul(text.high ^ id ^ (text.low >>> 15), 0xc2b2ae35);
  text.bytes += bytes;
}

/** The hashes of the long lines, and of the documents that cannot be equal by chance, that end in these ids. */
function hashesIn(
  ids: Uint16Array,
  stream: Stream,
  { breaks, byteLengths }: { breaks: Uint8Array; byteLengths: Uint8Array },
): { documents: number[]; lines: number[] } {
  const found: { documents: number[]; lines: number[] } = { documents: [], lines: [] };
  for (const id of ids) {
    const ends = id === SEPARATOR;
    if (ends || breaks[id] === 1) {
      if (stream.line.bytes >= LONG_CHARS) {
        found.lines.push(hashOf(stream.line));
        stream.longLines++;
      }
      stream.line = newText();
    } else addId(stream.line, id, byteLengths[id]!);
    if (!ends) addId(stream.document, id, byteLengths[id]!);
    else {
      const { document, longLines } = stream;
      if (longLines >= TELLING_LINES || document.bytes >= TELLING_BYTES) found.documents.push(hashOf(document));
      [stream.document, stream.longLines] = [newText(), 0];
    }
  }
  return found;
}
