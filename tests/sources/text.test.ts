import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findSource } from '../../src/sources/formats.ts';
import { LONGEST_CONVERSATION_CHARS } from '../../src/sources/gather-messages.ts';
import { checkTally, newTally } from '../../src/sources/tally.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { readSource, readingOf } from './read-source.ts';

test('two blank lines end a conversation, one is kept, lines are verbatim', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'a.txt': '\ufeff\n\n  one \n(5) Ann: two\u2028still two\r\n\nthree\n \n\t\n\nfour\n\n\n\n' });
  const { conversations, tally } = await readSource('text', join(dir, 'a.txt'));
  const message = (text: string) => ({ from: '', time: null, text });
  assert.deepEqual(conversations, [
    { id: '1', messages: ['  one ', '(5) Ann: two\u2028still two', '', 'three'].map(message) },
    { id: '2', messages: [message('four')] },
  ]);
  assert.deepEqual([tally.read, tally.kept, tally.dropped], [5, 5, {}]);
});

test('each file of a folder is its own, in order of names; a line that is no text is named', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, {
    'b.TXT': 'b',
    'a/c.txt': Buffer.from('good\nb\x81d\nagain', 'latin1'),
    'empty.txt': '',
    'd.md': 'not read',
  });
  const { conversations, tally } = await readSource('text', dir);
  assert.deepEqual(
    conversations.map(({ id, messages }) => [id, ...messages.map(({ text }) => text)]),
    [
      ['a/c.txt#1', 'good', 'again'],
      ['b.TXT#1', 'b'],
    ],
  );
  assert.deepEqual(tally.skipped.first, [{ place: 'a/c.txt:2', reason: 'neither UTF-8 nor windows-1252' }]);
});

test('a file that is gone when its turn comes is named, and the others are read', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'a.txt': 'a', 'b.txt': 'b' });
  const source = await findSource('text', dir, readingOf());
  rmSync(join(dir, 'a.txt'));
  const tally = newTally();
  const ids: string[] = [];
  for await (const { id } of source.read(tally)) ids.push(id);
  assert.deepEqual(ids, ['b.txt#1']);
  assert.deepEqual(tally.skipped.first, [{ place: 'a.txt', reason: 'cannot be read (ENOENT)' }]);
  checkTally(tally);
});

test('a book without gaps comes in parts, nothing lost', async (t) => {
  const dir = tempDir(t);
  const line = 'x'.repeat(LONGEST_CONVERSATION_CHARS / 8);
  writeFiles(dir, { 'a.txt': `${line}\n`.repeat(20) });
  const { conversations } = await readSource('text', join(dir, 'a.txt'));
  assert.deepEqual(
    conversations.map(({ messages }) => messages.length),
    [8, 8, 4],
  );
});
