import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { textStream } from '../../src/generation/text-stream.ts';
import { newText, writtenText } from '../../src/lm/generation/text-so-far.ts';
import { defaultTokenizer } from '../../src/tokenizer/identity.ts';
import { openTokenizer } from '../../src/tokenizer/open-tokenizer.ts';

const tokenizer = openTokenizer(defaultTokenizer);
const streamed = (ids: number[], stop: string[] = []): { parts: string[]; rest: string } => {
  const stream = textStream(tokenizer, stop);
  return { parts: ids.map((id) => stream.add(id)), rest: stream.rest() };
};

test('an emoji over several tokens arrives whole', () => {
  const ids = tokenizer.encode('a👩🏽‍🚀b');
  assert.ok(ids.length > 4);
  const { parts, rest } = streamed(ids);
  assert.equal(parts.join('') + rest, 'a👩🏽‍🚀b');
  for (const part of parts) assert.doesNotMatch(part, /\uFFFD/);
});

test('for any tokens, the parts are the text that a sample has', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50255 }), { maxLength: 30 }), (ids) => {
      const text = { ...newText({ prompt: '', promptIds: [], seed: 0, lane: 0 }), newIds: ids };
      const { parts, rest } = streamed(ids);
      assert.equal(parts.join('') + rest, writtenText(text, [], tokenizer));
    }),
  );
});

test('nothing of a stop string is shown, and nothing before it is missing', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ab\n:]{0,20}$/), fc.constantFrom('\nb:', 'ab', 'aab'), (text, stop) => {
      const ids = tokenizer.encode(text);
      const { parts, rest } = streamed(ids, [stop]);
      const at = text.indexOf(stop);
      if (at < 0) assert.equal(parts.join('') + rest, text);
      else assert.equal(parts.join(''), text.slice(0, at));
    }),
  );
});
