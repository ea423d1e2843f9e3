import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findSource } from '../../src/sources/formats.ts';
import { LONGEST_CONVERSATION_CHARS } from '../../src/sources/gather-messages.ts';
import { lineFeeds } from '../../src/sources/text/line-feeds.ts';
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

const texts = (conversations: { messages: { text: string }[] }[]) =>
  conversations.map(({ messages }) => messages.map(({ text }) => text).join('|'));

test('a declared mark ends a document, wherever it stands; blank lines then belong to the text', async (t) => {
  const dir = tempDir(t);
  const mark = '<|endoftext|>';
  writeFiles(dir, {
    'gpt2simple.txt': `<|startoftext|>The lake\n\n\nwas cold.${mark}\r\n<|startoftext|>A poem${mark}\n`,
    'nshepperd.txt': `first\n${mark}\nsecond${mark}third ${mark}${mark}\n\n${mark}fourth`,
    'other.txt': `a ${mark} b\n====\n<|startoftext|>c\n====\n\n`,
  });
  const read = async (name: string, documentEnd: string) =>
    texts((await readSource('text', join(dir, name), { documentEnd })).conversations);
  assert.deepEqual(await read('gpt2simple.txt', mark), ['The lake|||was cold.', 'A poem']);
  assert.deepEqual(await read('nshepperd.txt', mark), ['first', 'second', 'third ', 'fourth']);
  assert.deepEqual(await read('other.txt', '===='), [`a ${mark} b`, '<|startoftext|>c']);
  const { conversations, tally } = await readSource('text', join(dir, 'nshepperd.txt'));
  assert.match(texts(conversations)[0]!, /^first\|<\|endoftext\|>\|second<\|endoftext\|>third/);
  assert.deepEqual(
    [...tally.noticed].map(([what, { count, first, warning }]) => [what.slice(0, 24), count, first, warning]),
    [['line with <|endoftext|>,', 3, '2', true]],
  );
});

test('reads files whose lines end with carriage returns alone, whatever the chunks, and lone ones in others', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, {
    'mac.txt': 'first line\rsecond line\r\r\rnew conversation\rlast line\r',
    'mixed.txt': 'one\rtwo\nthree\r\nfour\n',
    'twice.txt': 'one\r\r\ntwo\r\r\n',
    'utf16.txt': Buffer.from('\ufefferste\rzweite\r', 'utf16le'),
    'mac.csv': 'who,body\rAnn,"two\nlines, one cell"\rBen,hi\r',
    'chat.txt': '30/01/19, 20:49 - Ann: hello\r30/01/19, 20:50 - Ben: hi\r',
    'rows.jsonl': '{"turns": ["a"]}\r{"turns": ["b"]}\r',
  });
  const read = async (name: string) => texts((await readSource('text', join(dir, name))).conversations);
  assert.deepEqual(await read('mac.txt'), ['first line|second line', 'new conversation|last line']);
  assert.deepEqual(await read('mixed.txt'), ['one|two|three|four']);
  assert.deepEqual(await read('twice.txt'), ['one|two']);
  assert.deepEqual(await read('utf16.txt'), ['erste|zweite']);
  const csv = await readSource('csv', join(dir, 'mac.csv'), { columns: { text: 'body', from: 'who' } });
  assert.deepEqual(texts(csv.conversations), ['two\nlines, one cell|hi']);
  assert.deepEqual(texts((await readSource('whatsapp', join(dir, 'chat.txt'))).conversations), ['hello|hi']);
  assert.deepEqual(texts((await readSource('jsonl', join(dir, 'rows.jsonl'))).conversations), ['a', 'b']);
  for (const size of [1, 2, 3, 7]) {
    async function* chunks(): AsyncGenerator<Buffer> {
      const bytes = Buffer.from('a\rb\r\nc\r\rd\r');
      yield bytes.subarray(0, 4);
      for (let at = 4; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    }
    const parts: Buffer[] = [];
    for await (const part of lineFeeds(chunks())) parts.push(part);
    assert.equal(Buffer.concat(parts).toString(), 'a\nb\nc\n\nd\n');
  }
});
