import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { threadElements } from '../../src/sources/messenger/thread-elements.ts';
import { readMessengerThread } from '../../src/sources/messenger/thread.ts';
import type { JsonElement } from '../../src/sources/text/json-elements.ts';
import { checkTally, newTally } from '../../src/sources/tally.ts';
import { sourceOptions } from './read-source.ts';

async function* pieced(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function read(
  text: string,
  size = 1 << 16,
): Promise<{ messages: unknown[]; fields: Record<string, unknown>; trouble: string | null; damaged: number }> {
  const elements: JsonElement[] = [];
  for await (const batch of threadElements(pieced(Buffer.from(text), size))) elements.push(...batch);
  const fields = elements.flatMap((element) => {
    if (element.kind === 'field') return [[element.position.key!, element.value] as const];
    return element.kind === 'open' && element.as === 'list' ? [[element.position.key!, null] as const] : [];
  });
  return {
    messages: elements.flatMap((element) => (element.kind === 'element' ? [element.value] : [])),
    fields: Object.fromEntries(fields),
    trouble: elements.flatMap((element) => (element.kind === 'end' ? [element.trouble] : []))[0]!,
    damaged: elements.filter(({ kind }) => kind === 'damaged').length,
  };
}

test('finds the same messages as JSON.parse, regardless of chunk boundaries and indentation', async () => {
  const value = fc.jsonValue({ depthSize: 'small' }).filter((json) => JSON.stringify(json) !== undefined);
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string(), value, { maxKeys: 4 }),
      fc.array(value, { maxLength: 5 }),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom('', ' ', '\t'),
      fc.boolean(),
      async (fields, messages, size, indent, first) => {
        const { messages: _, conversation: __, ...others } = fields;
        const text = JSON.stringify(first ? { messages, ...others } : { ...others, messages }, null, indent);
        const parsed = JSON.parse(text) as { messages: unknown[] } & Record<string, unknown>;
        const { messages: wanted, ...wantedFields } = parsed;
        const found = await read(text, size);
        assert.deepEqual(found.messages, wanted);
        assert.deepEqual(found.fields, { ...wantedFields, messages: null });
        assert.deepEqual([found.trouble, found.damaged], [null, 0]);
      },
    ),
    { numRuns: 300 },
  );
});

test('truncated anywhere, yields the complete messages and reports the truncation', async () => {
  const messages = ['a\\"b]}', { x: [1, { y: '}' }] }, 3, null];
  const text = JSON.stringify({ participants: [], messages, title: 'x' });
  const ends = messages.map((_, i) => text.indexOf('[', 20) + JSON.stringify(messages.slice(0, i + 1)).length - 1);
  for (let cut = 1; cut < text.length; cut++) {
    const found = await read(text.slice(0, cut), 7);
    assert.deepEqual(found.messages, messages.slice(0, ends.filter((end) => end < cut).length), `${cut}`);
    assert.equal(found.trouble, 'cut off: the JSON ends too early');
  }
});

test('reports why a file is not a thread', async () => {
  const trouble = async (text: string) => (await read(text)).trouble;
  assert.equal(await trouble(''), 'empty file');
  assert.equal(await trouble('[{"messages": []}]'), 'no thread: it lacks participants or messages');
  assert.equal(await trouble('null'), 'no thread: it lacks participants or messages');
  assert.equal(await trouble('{a: 1}'), 'not valid JSON');
  assert.equal(await trouble('{"a" 1, "messages": []}'), 'not valid JSON');
  assert.equal(await trouble('{"messages": []} {"messages": []}'), 'something follows the end of the JSON');
  assert.equal(await trouble('{"messages": []}\n\n'), null);
  assert.equal(await trouble('{"participants": [] "messages": [1]}'), 'not valid JSON');
  assert.equal(await trouble('{"participants": [], x "messages": [1]}'), 'not valid JSON');
  assert.equal(await trouble('"messages": [1]'), 'no thread: it lacks participants or messages');
  assert.equal(await trouble('{"messages": []}}'), 'something follows the end of the JSON');
  const { messages, damaged } = await read('{"messages": [1, x, {"a": tru}, 2]}');
  assert.deepEqual([messages, damaged], [[1, 2], 2]);
});

test('skips a message of any length in bounded memory, and reads the ones around it', async () => {
  const letters = Buffer.alloc(1 << 20, 'x');
  async function* chunks(): AsyncGenerator<Buffer> {
    yield Buffer.from('{"messages": [1, "');
    for (let i = 0; i < 600; i++) yield letters;
    yield Buffer.from('", 2], "title": "x"}');
  }
  const before = process.memoryUsage().rss;
  const elements: JsonElement[] = [];
  for await (const batch of threadElements(chunks())) elements.push(...batch);
  assert.deepEqual(elements, [
    { kind: 'open', position: { depth: 0, key: null }, as: 'object' },
    { kind: 'open', position: { depth: 1, key: 'messages' }, as: 'list' },
    { kind: 'element', value: 1, encoding: 'UTF-8' },
    { kind: 'damaged', reason: 'longer than 64 MiB' },
    { kind: 'element', value: 2, encoding: 'UTF-8' },
    { kind: 'field', position: { depth: 1, key: 'title' }, value: 'x' },
    { kind: 'end', trouble: null },
  ]);
  assert.ok(process.memoryUsage().rss - before < 300 * 2 ** 20, 'less than half of 600 MiB is in memory');
});

test('reads and reports the part of a thread that fits into memory', async () => {
  const bytes = Buffer.from(
    JSON.stringify({
      participants: [],
      messages: Array.from({ length: 5000 }, (_, i) => ({
        sender_name: 'Ann',
        timestamp_ms: 9000 - i,
        content: `${i}`,
      })),
    }),
  );
  const file = (place: string) => ({ path: place, place, bytes: bytes.length, chunks: () => pieced(bytes, 1 << 14) });
  const thread = {
    id: 'x',
    files: [1, 2].map((number) => ({ file: file(`${number}`), form: 'json' as const, number, copy: '' })),
  };
  const tally = newTally();
  const { messages } = await readMessengerThread(
    thread,
    { ...sourceOptions(), choices: sourceOptions().messages, systemLines: [], mostThreadBytes: 100_000 },
    tally,
  );
  checkTally(tally);
  assert.ok(messages.length > 600 && messages.length < 1500, `${messages.length}`);
  assert.equal(messages.at(-1)!.time, 9000);
  assert.deepEqual(tally.skipped.first, [
    {
      place: '1',
      reason: `too large: of this thread no more than ${messages.length.toLocaleString('en')} messages fit into memory; older ones are not read`,
    },
  ]);
});
