import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { conversationLine, CONVERSATIONS_FILE } from '../../src/artifacts/conversations.ts';
import { excerptsOf } from '../../src/artifacts/excerpts.ts';
import { temporaryDir } from '../kit/temporary.ts';

test('excerpts are beginnings of distinct conversations in order, ten of them or all', async (context) => {
  const dir = temporaryDir(context);
  const lengths = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(lengths, async (characters) => {
      const conversations = characters.map((length, number) => ({
        id: String(number),
        messages: Array.from({ length: 1 + (length % 20) }, () => ({
          from: 'Ann',
          time: null,
          text: 'é'.repeat(length),
        })),
      }));
      writeFileSync(join(dir, CONVERSATIONS_FILE), conversations.map(conversationLine).join(''));
      const excerpts = await excerptsOf(dir, conversations.length);
      const ids = excerpts.map(({ id }) => Number(id));
      assert.deepEqual(
        ids,
        [...new Set(ids)].sort((a, b) => a - b),
      );
      if (conversations.length <= 10) assert.equal(ids.length, conversations.length);
      assert.ok(ids.length <= 10 && ids[0] === 0);
      for (const { id, first, more } of excerpts) {
        const { messages } = conversations[Number(id)]!;
        assert.equal(first.length + more, messages.length);
        assert.ok(first.length <= 12 && first.every(({ text }) => text.length <= 401));
        assert.ok(messages[0]!.text.startsWith(first[0]!.text.replace('…', '')));
      }
    }),
    { numRuns: 50 },
  );
});
