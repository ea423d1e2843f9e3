import { join } from 'node:path';
import { openTokens, type TokenSplit } from '../../../../artifacts/tokens/tokens.ts';
import { readJson } from '../../../../files/read-file.ts';
import { speakerOfLabel } from '../../../../tokenizer/token-labels.ts';
import type { TrainedTokens } from '../trained-on.ts';

/** Names of the two people of a chat. */
export interface TwoPeople {
  user: string;
  assistant: string;
}

/**
 * The user is the owner of the chats, or else who writes most; the assistant is who shares most conversations with
 * them. Null if fewer than two people write.
 */
export function twoPeople({ dir, index, conversations }: TrainedTokens): TwoPeople | null {
  const { speakers } = index;
  if (speakers.length < 2) return null;
  const reader = openTokens(dir);
  try {
    const train = reader.split('train');
    const written = new Float64Array(speakers.length + 1);
    for (const { labels } of documentParts(train)) for (const label of labels) count(written, speakerOfLabel(label));
    const owner = speakers.indexOf(ownerOf(conversations)) + 1;
    const user = owner > 0 ? owner : mostOf(written, written);
    const assistant = mostOf(sharedWith(user, train, written.length), written, user);
    return assistant === 0 ? null : { user: speakers[user - 1]!, assistant: speakers[assistant - 1]! };
  } finally {
    reader.close();
  }
}

// ---------------------------------------------------------------------------

function ownerOf(conversations: string | null): string {
  const people = conversations === null ? null : readJson<{ owner?: unknown }>(join(conversations, 'people.json'));
  return typeof people?.owner === 'string' ? people.owner : '';
}

/** Number of the speaker with the highest count; of those, the one who wrote most. 0 if all are 0. */
function mostOf(counts: Float64Array, written: Float64Array, except = 0): number {
  let most = 0;
  for (let speaker = 1; speaker < counts.length; speaker++) {
    if (speaker === except || counts[speaker] === 0) continue;
    const more = counts[speaker]! - counts[most]!;
    if (most === 0 || more > 0 || (more === 0 && written[speaker]! > written[most]!)) most = speaker;
  }
  return most;
}

/** Speaker → number of conversations in which both write. */
function sharedWith(user: number, train: TokenSplit, speakers: number): Float64Array {
  const shared = new Float64Array(speakers);
  let present = new Set<number>();
  for (const { labels, endsDocument } of documentParts(train)) {
    for (const label of labels) present.add(speakerOfLabel(label));
    if (!endsDocument) continue;
    if (present.has(user)) for (const speaker of present) if (speaker !== user) count(shared, speaker);
    present = new Set();
  }
  return shared;
}

/** Speakers beyond the last number share it, so it means nobody in particular. */
function count(counts: Float64Array, speaker: number): void {
  if (speaker > 0 && speaker < counts.length) counts[speaker]!++;
}

const TOKENS_AT_ONCE = 2 ** 20;

/** The labels of every document, in parts. */
function* documentParts(split: TokenSplit): Generator<{ labels: Uint16Array; endsDocument: boolean }> {
  for (let from = 0, document = 0; from < split.tokens;) {
    const chunk = split.labels(from, Math.min(TOKENS_AT_ONCE, split.tokens - from));
    for (let start = 0; start < chunk.length;) {
      const documentEnd = split.starts[document + 1] ?? split.tokens;
      const end = Math.min(chunk.length, documentEnd - from);
      const endsDocument = from + end === documentEnd;
      yield { labels: chunk.subarray(start, end), endsDocument };
      if (endsDocument) document++;
      start = end;
    }
    from += chunk.length;
  }
}
