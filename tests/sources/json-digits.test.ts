import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson } from '../../src/sources/text/json-digits.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { messageLines, readSource } from './read-source.ts';

test('keeps every digit of an integer, wherever it stands, and changes nothing else', () => {
  const number = fc.oneof(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.double(), fc.maxSafeInteger());
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('"', '\\', '\\"', 'a 811111111111111112', '": 811111111111111112', '\\\\'),
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      number,
      text,
      fc.constantFrom(true, null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(text, tie('value'), { maxKeys: 4 }),
    ),
  }));
  const write = (item: unknown): string =>
    typeof item === 'bigint'
      ? String(item)
      : Array.isArray(item)
        ? `[ ${item.map(write).join(' ,')}]`
        : typeof item === 'object' && item !== null
          ? `{${Object.entries(item)
              .map(([key, inner]) => `${JSON.stringify(key)}:${write(inner)}`)
              .join(',')} }`
          : JSON.stringify(item);
  const expected = (item: unknown): unknown =>
    typeof item === 'bigint'
      ? String(Number(item)) === String(item)
        ? Number(item)
        : String(item)
      : Array.isArray(item)
        ? item.map(expected)
        : typeof item === 'object' && item !== null
          ? Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, expected(inner)]))
          : (JSON.parse(JSON.stringify(item)) as unknown);
  fc.assert(
    fc.property(value, (item) => {
      assert.deepEqual(parseJson(write(item)), expected(item));
    }),
    { numRuns: 2000 },
  );
  for (const broken of ['{"a": 8111111111111111121', '0811111111111111112', '[8111111111111111.]', ''])
    assert.equal(parseJson(broken), undefined);
});

test('two ids that differ in the last digit are two conversations, also under a dotted name and in turns', async (t) => {
  const dir = tempDir(t);
  const ids = ['811111111111111112', '811111111111111113'];
  writeFiles(dir, {
    'rows.jsonl': ids.map((id) => `{"room": {"id": ${id}}, "who": ${id}, "body": "in ${id}"}\n`).join(''),
    'turns.jsonl': ids.map((id) => `{"id": ${id}, "turns": ["in ${id}"]}\n`).join(''),
  });
  const columns = { text: 'body', from: 'who', conversation: 'room.id' };
  const rows = await readSource('jsonl', join(dir, 'rows.jsonl'), { columns });
  assert.deepEqual(
    rows.conversations.map((conversation) => [conversation.id, ...messageLines(conversation)]),
    ids.map((id) => [id, `${id}: in ${id}`]),
  );
  const turns = await readSource('jsonl', join(dir, 'turns.jsonl'));
  assert.deepEqual(
    turns.conversations.map(({ id }) => id),
    ids,
  );
});
