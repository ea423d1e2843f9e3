import type { TokenReader, TokenSplit } from '../artifacts/tokens/tokens.ts';
import { MOST_SPEAKERS, speakerOfLabel } from '../tokenizer/token-labels.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

/** Somebody whose lines the model was trained on. */
export interface Person {
  name: string;
  /** tokens of their lines in the part that was read */
  tokens: number;
}

export interface Acquaintance {
  /** those who write most first */
  people: Person[];
  /** The person who shares most conversations with this one; null if nobody does. */
  closestTo(name: string): string | null;
  /** the latest conversation between two people, as text; null if there is none */
  latestBetween(a: string, b: string, tokenizer: Tokenizer): string | null;
}

/** Enough to know who talks with whom, and read within a second. */
const MOST_TOKENS = 2_000_000;

/** Learns from the labels of the training text who is in it. Reads the latest part of a large one. */
export function acquaint({ index, split }: TokenReader): Acquaintance {
  const train = split('train');
  const { speakers } = index;
  const tokens = new Float64Array(speakers.length + 1);
  // Speakers beyond the last number share it, so it means nobody in particular.
  const areMore = speakers.length > MOST_SPEAKERS;
  const documents = latestDocuments(train).map((document) => {
    const present = new Set<number>();
    for (const label of train.labels(document.start, document.length)) {
      const speaker = speakerOfLabel(label);
      if (speaker === 0 || speaker > speakers.length || (speaker === MOST_SPEAKERS && areMore)) continue;
      tokens[speaker]!++;
      present.add(speaker);
    }
    return { ...document, present };
  });
  const numberOf = (name: string): number => speakers.indexOf(name) + 1;
  const people = speakers.map((name, i) => ({ name, tokens: tokens[i + 1]! }));
  return {
    people: people.sort((a, b) => b.tokens - a.tokens),
    closestTo(name) {
      const shared = new Map<number, number>();
      for (const { present } of documents)
        if (present.has(numberOf(name))) for (const other of present) shared.set(other, (shared.get(other) ?? 0) + 1);
      shared.delete(numberOf(name));
      const [closest] = [...shared].sort(([a, m], [b, n]) => n - m || tokens[b]! - tokens[a]!);
      return closest ? speakers[closest[0] - 1]! : null;
    },
    latestBetween(a, b, tokenizer) {
      const found = documents.findLast(({ present }) => present.has(numberOf(a)) && present.has(numberOf(b)));
      return found ? tokenizer.decode(train.read(found.start, found.length)) : null;
    },
  };
}

// ---------------------------------------------------------------------------

function latestDocuments({ starts, documents, tokens }: TokenSplit): { start: number; length: number }[] {
  const found: { start: number; length: number }[] = [];
  for (let i = documents - 1; i >= 0; i--) {
    const end = i + 1 < documents ? starts[i + 1]! : tokens;
    const start = Math.max(starts[i]!, tokens - MOST_TOKENS);
    if (start < end) found.push({ start, length: end - start });
    if (tokens - starts[i]! >= MOST_TOKENS) break;
  }
  return found.reverse();
}
