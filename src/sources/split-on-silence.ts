import type { Conversation } from '../artifacts/conversations.ts';

/**
 * Splits threads that span years into conversations: after `hours` without a message, the next one starts a new
 * conversation, `<id>#2` and so on. Messages without a time never start one. With 0 hours threads stay whole.
 */
export function splitOnSilence(conversations: AsyncIterable<Conversation>, hours: number): AsyncIterable<Conversation> {
  return hours === 0 ? conversations : split(conversations, hours * 3_600_000);
}

async function* split(conversations: AsyncIterable<Conversation>, silenceMs: number): AsyncGenerator<Conversation> {
  for await (const conversation of conversations) yield* splitOne(conversation, silenceMs);
}

/** As `splitOnSilence`, for one conversation and a silence above 0. */
export function* splitOne({ id, messages }: Conversation, silenceMs: number): Generator<Conversation> {
  let first = 0;
  let last: number | null = null;
  let part = 1;
  const partId = (): string => (part === 1 ? id : `${id}#${part}`);
  for (const [index, { time }] of messages.entries()) {
    if (time === null) continue;
    if (last !== null && time - last >= silenceMs) {
      yield { id: partId(), messages: messages.slice(first, index) };
      first = index;
      part++;
    }
    last = time;
  }
  yield { id: partId(), messages: messages.slice(first) };
}
