import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitOnSilence } from '../../src/sources/split-on-silence.ts';

const hour = 3_600_000;

async function split(times: (number | null)[], hours: number) {
  const conversation = {
    id: 'inbox/ana_1',
    messages: times.map((time, index) => ({ from: 'Ana', time, text: String(index) })),
  };
  const parts = [];
  for await (const part of splitOnSilence(
    (async function* () {
      yield conversation;
    })(),
    hours,
  ))
    parts.push(part);
  return { conversation, parts };
}

const texts = (parts: { messages: { text: string }[] }[]) =>
  parts.map(({ messages }) => messages.map(({ text }) => text).join(''));

test('splits after a silence of exactly the given length, but not after a shorter one or at a message without a time', async () => {
  const { parts } = await split([0, hour, hour * 7 - 1, hour * 13 - 1, null, hour * 14, hour * 30], 6);
  assert.deepEqual(texts(parts), ['012', '345', '6']);
  assert.deepEqual(
    parts.map(({ id }) => id),
    ['inbox/ana_1', 'inbox/ana_1#2', 'inbox/ana_1#3'],
  );
});

test('returns the same object with 0 hours', async () => {
  const { conversation, parts } = await split([0, hour * 1e6], 0);
  assert.equal(parts[0], conversation);
});

test('for any times, loses, repeats and moves no message, and returns no empty part', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(fc.integer({ min: 0, max: 100 * hour })), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 50 }),
      async (times, hours) => {
        const { conversation, parts } = await split(times, hours);
        assert.deepEqual(
          parts.flatMap(({ messages }) => messages),
          conversation.messages,
        );
        assert.ok(parts.every(({ messages }) => messages.length > 0));
      },
    ),
  );
});
