import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conversationHash } from '../../src/sources/conversation-hash.ts';
import { newHashSet } from '../../src/sources/ubuntu/hash-set.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { readSource } from './read-source.ts';

const lines = Array.from({ length: 400 }, (_, i) =>
  JSON.stringify({ id: `c${i}`, turns: [`text ${i}`, 'x'.repeat(i % 50)].filter(Boolean) }),
);

test('samples exactly the given number of conversations, regardless of file order and names, and others with another seed', async (t) => {
  const chosen = async (files: Record<string, string[]>, seed: number) => {
    const dir = tempDir(t);
    writeFiles(dir, Object.fromEntries(Object.entries(files).map(([name, part]) => [name, part.join('\n')])));
    const { conversations, tally } = await readSource('jsonl', dir, { sample: { conversations: 40, seed } });
    assert.deepEqual(
      [conversations.length, tally.kept + tally.dropped['not in the sample']!],
      [40, lines.reduce((sum, line) => sum + (JSON.parse(line) as { turns: string[] }).turns.length, 0)],
    );
    assert.equal(
      tally.kept,
      conversations.reduce((sum, { messages }) => sum + messages.length, 0),
    );
    return conversations.map(({ id }) => id).sort();
  };
  const one = await chosen({ 'a.jsonl': lines }, 1);
  assert.deepEqual(await chosen({ 'b.jsonl': lines.slice(200).toReversed(), 'a.jsonl': lines.slice(0, 200) }, 1), one);
  const other = await chosen({ 'a.jsonl': lines }, 2);
  assert.ok(other.filter((id) => one.includes(id)).length < 15);
});

test('samples up to the given number of bytes of names and texts, as closely as whole conversations allow', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'a.jsonl': lines.join('\n') });
  const { conversations } = await readSource('jsonl', dir, { sample: { bytes: 4000 } });
  const bytes = conversations
    .flatMap(({ messages }) => messages)
    .reduce((sum, { from, text }) => sum + from.length + text.length, 0);
  assert.ok(bytes <= 4000 && bytes > 3900, String(bytes));
});

test('the smallest difference changes the hash, and each bit of it is unbiased', () => {
  const seen = newHashSet();
  const ones = new Array<number>(64).fill(0);
  let count = 0;
  const see = (from: string, time: number | null, ...texts: string[]): void => {
    const { high, low } = conversationHash({ id: '', messages: texts.map((text) => ({ from, time, text })) });
    assert.ok(seen.add(high, low), `${from} ${time} ${texts.join('|')}`);
    assert.ok(!seen.add(high, low));
    count++;
    for (let bit = 0; bit < 32; bit++) {
      ones[bit]! += (low >>> bit) & 1;
      ones[bit + 32]! += (high >>> bit) & 1;
    }
  };
  for (let i = 0; i < 50_000; i++) see('a', i * 60_000, 'hi');
  for (let i = 0; i < 50_000; i++) see('a', null, `${i}`);
  for (const texts of [[''], ['', ''], ['a', 'b'], ['ab'], ['ab', ''], ['', 'ab'], ['\0'], ['\0\0'], ['a\0']])
    see('b', null, ...texts);
  see('ab', null, 'c');
  see('a', null, 'bc');
  assert.equal(seen.size, count);
  for (const share of ones) assert.ok(Math.abs(share / count - 0.5) < 0.02, String(ones.map((one) => one / count)));
});
