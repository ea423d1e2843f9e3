import type { TokenSplit } from '../artifacts/tokens/tokens.ts';
import { speakerOfLabel } from '../tokenizer/token-labels.ts';
import { readConversation, type Conversation, type Reading } from './conversation.ts';

/** At most so many lines of each person are read, and so many tokens are looked through: enough, within seconds. */
const MOST_LINES = 20_000;
const MOST_TOKENS = 4_000_000;

/** The latest conversations in which one of these people speaks, latest first; all of them if lines have no names. */
export function latestConversations(split: TokenSplit, people: ReadonlySet<string>, reading: Reading): Conversation[] {
  const numbers = new Set(reading.speakers.flatMap((name, i) => (people.has(name) ? [i + 1] : [])));
  const counts = new Map([...people].map((name) => [name, 0]));
  const found: Conversation[] = [];
  for (let document = split.documents - 1; document >= 0; document--) {
    const start = split.starts[document]!;
    const end = document + 1 < split.documents ? split.starts[document + 1]! : split.tokens;
    const isEnough = [...counts.values()].every((count) => count >= MOST_LINES);
    if (isEnough || split.tokens - end >= MOST_TOKENS) break;
    const isTheirs = (label: number): boolean => numbers.has(speakerOfLabel(label));
    if (reading.reader.hasNames && !split.labels(start, end - start).some(isTheirs)) continue;
    const conversation = readConversation(split, document, reading);
    for (const line of conversation.lines)
      if (line && counts.has(line.who)) counts.set(line.who, counts.get(line.who)! + 1);
    found.push(conversation);
  }
  return found;
}
