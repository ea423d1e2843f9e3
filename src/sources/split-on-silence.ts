import type { Conversation } from '../artifacts/conversations.ts';

/**
 * A thread of ten years is not one conversation: where nobody writes for `hours`, the next message begins another,
 * `<id>#2` and so on. Messages without a time never end one. At 0 hours threads stay whole.
 */
export function splitOnSilence(conversations: AsyncIterable<Conversation>, hours: number): AsyncIterable<Conversation> {
  return hours === 0 ? conversations : split(conversations, hours * 3_600_000);
}

async function* split(conversations: AsyncIterable<Conversation>, silenceMs: number): AsyncGenerator<Conversation> {
  for await (const conversation of conversations) yield* piecesOf(conversation, silenceMs);
}

function* piecesOf({ id, messages }: Conversation, silenceMs: number): Generator<Conversation> {
  let first = 0;
  let last: number | null = null;
  let piece = 1;
  const name = (): string => (piece === 1 ? id : `${id}#${piece}`);
  for (const [index, { time }] of messages.entries()) {
    if (time === null) continue;
    if (last !== null && time - last >= silenceMs) {
      yield { id: name(), messages: messages.slice(first, index) };
      first = index;
      piece++;
    }
    last = time;
  }
  yield { id: name(), messages: messages.slice(first) };
}
