import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findSource } from '../../src/sources/formats.ts';
import { LONGEST_CONVERSATION_CHARS } from '../../src/sources/gather-messages.ts';
import { checkTally, newTally } from '../../src/sources/tally.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { readSource, sourceOptions } from './read-source.ts';

test('ends a conversation at two blank lines, keeps single ones, and keeps lines verbatim', async (t) => {
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

test('reads the files of a folder separately, sorted by name; lists a line that is not text', async (t) => {
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

test('lists a file that disappeared before it was read, and reads the others', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'a.txt': 'a', 'b.txt': 'b' });
  const source = await findSource('text', dir, sourceOptions());
  rmSync(join(dir, 'a.txt'));
  const tally = newTally();
  const ids: string[] = [];
  for await (const { id } of source.read(tally)) ids.push(id);
  assert.deepEqual(ids, ['b.txt#1']);
  assert.deepEqual(tally.skipped.first, [{ place: 'a.txt', reason: 'cannot be read (ENOENT)' }]);
  checkTally(tally);
});

test('splits a book without gaps into parts and loses nothing', async (t) => {
  const dir = tempDir(t);
  const line = 'x'.repeat(LONGEST_CONVERSATION_CHARS / 8);
  writeFiles(dir, { 'a.txt': `${line}\n`.repeat(20) });
  const { conversations } = await readSource('text', join(dir, 'a.txt'));
  assert.deepEqual(
    conversations.map(({ messages }) => messages.length),
    [8, 8, 4],
  );
});
