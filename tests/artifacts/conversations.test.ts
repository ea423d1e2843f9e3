import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  openConversationsWriter,
  readConversations,
  type Conversation,
  type ConversationsReport,
} from '../../src/artifacts/conversations.ts';
import { tempDir, writeFiles } from './on-disk.ts';

const report: ConversationsReport = {
  conversations: 1,
  messages: 2,
  people: 2,
  dropped: { photo: 1 },
  read: 3,
  withNewlines: 0,
  skipped: { count: 0, first: [] },
};

async function readAll(dir: string): Promise<Conversation[]> {
  const all: Conversation[] = [];
  for await (const conversation of readConversations(dir)) all.push(conversation);
  return all;
}

test('the bytes are those that README.md describes', (t) => {
  const dir = tempDir(t);
  const writer = openConversationsWriter(dir);
  writer.append({
    messages: [
      { text: 'hé\u2028"', time: 5, from: 'Ann' },
      { from: '', time: null, text: '' },
    ],
    id: 'inbox/a',
  });
  assert.equal(existsSync(join(dir, 'conversations.jsonl')), false);
  writer.close(report);
  const line =
    '{"id":"inbox/a","messages":[{"from":"Ann","time":5,"text":"hé\u2028\\""},{"from":"","time":null,"text":""}]}\n';
  assert.equal(readFileSync(join(dir, 'conversations.jsonl'), 'utf8'), line);
  assert.deepEqual(JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8')), report);
});

test('any conversations are read back unchanged', async (t) => {
  const dir = tempDir(t);
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\ud800', '\u2028\u0085\r', '\ufeff'));
  const message = fc.record({ from: text, time: fc.option(fc.integer()), text });
  const conversations = fc.array(fc.record({ id: text, messages: fc.array(message, { maxLength: 5 }) }), {
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(conversations, async (all) => {
      const writer = openConversationsWriter(dir);
      for (const conversation of all) writer.append(conversation);
      writer.close(report);
      assert.deepEqual(
        await readAll(dir),
        all.map(({ id, messages }) => ({ id, messages: messages.map((m) => ({ ...m })) })),
      );
    }),
    { numRuns: 100 },
  );
});

test('names a damaged line by its number without quoting it', async (t) => {
  const dir = tempDir(t);
  const good = '{"id":"a","messages":[]}\n';
  for (const [bad, reason] of [
    ['{"id":"secret"', 'not JSON'],
    ['{"id":"secret"}', 'not {id, messages'],
    ['{"id":"secret","messages":[{"from":"secret","text":"secret"}]}', 'not {id, messages'],
    ['null', 'not {id, messages'],
  ]) {
    writeFiles(dir, { 'conversations.jsonl': `${good}${good}${bad}\n${good}` });
    await assert.rejects(
      readAll(dir),
      (error: Error) =>
        error.message.startsWith(`conversations.jsonl:3: damaged: ${reason}`) && !error.message.includes('secret'),
    );
  }
});
