import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SourceFormat } from '../../src/sources/format-names.ts';
import { likelyFormat } from '../../src/sources/formats.ts';
import { NO_SHARED_DATA, sharedData, tempDir } from '../artifacts/on-disk.ts';
import { readSource } from './read-source.ts';

/**
 * The fixtures of another program, chat-miner, with its expected output: newest first, line breaks as spaces, local
 * times of the phone.
 */
for (const app of ['whatsapp', 'telegram', 'signal'] as const) {
  test(`${app}: reads the published messages of every fixture and recognizes its format`, async (t) => {
    const dir = sharedData(`chat-fixtures/test/${app}`);
    if (!dir) return t.skip(NO_SHARED_DATA);
    const wanted = (
      JSON.parse(readFileSync(join(dir, 'target.json'), 'utf8')) as {
        timestamp: string;
        author: string;
        message: string;
      }[]
    )
      .map(({ timestamp, author, message }) => ({ from: author, time: Date.parse(`${timestamp}Z`), text: message }))
      .sort((a, b) => a.time - b.time);
    for (const name of readdirSync(dir).filter((name) => name !== 'target.json')) {
      const { conversations, tally } = await readSource(app, join(dir, name));
      const asThere = conversations.map(({ messages }) =>
        messages.map((message) => ({ ...message, text: message.text.replaceAll('\n', ' ') })),
      );
      assert.deepEqual(asThere, [wanted], name);
      assert.equal(tally.skipped.count, 0);
      assert.equal(await likelyFormat(join(dir, name)), app satisfies SourceFormat, name);
    }
  });
}

test('reads the dates of each WhatsApp fixture in the order given by its name', async (t) => {
  const from = sharedData('chat-fixtures/test/whatsapp');
  if (!from) return t.skip(NO_SHARED_DATA);
  const dir = tempDir(t);
  const names = readdirSync(from).filter((name) => name.endsWith('.txt'));
  for (const name of names) copyFileSync(join(from, name), join(dir, name));
  const { conversations, tally } = await readSource('whatsapp', dir);
  assert.deepEqual(
    conversations.map(({ id }) => id),
    names.sort(),
  );
  assert.deepEqual([...tally.noticed].map(([what, { count, first }]) => `${count} ${what}, first ${first}`).sort(), [
    '1 WhatsApp log with dates of the form day-month-year, a clock of 24 hours, first test_ddmmyy_24hrs.txt',
    '1 WhatsApp log with dates of the form month-day-year, a clock of twelve hours, first test_mmddyyyy_12hrs.txt',
    '1 WhatsApp log with dates of the form year-month-day, a clock of 24 hours, first test_yyyymmdd_24hrs.txt',
    '2 WhatsApp log with dates of the form month-day-year, a clock of 24 hours, first test_[mmddyy]_24hrs.txt',
  ]);
});
