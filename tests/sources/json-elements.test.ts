import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonElements, type JsonElement, type Opening } from '../../src/sources/text/json-elements.ts';

/** Opens every list called "items" that is not inside another one, but keeps anything called "whole" as one value. */
const opening: Opening = ({ key }, bracket) => {
  if (key === 'whole') return 'value';
  return key === 'items' && bracket === '[' ? 'list' : 'object';
};

/** What `jsonElements` should find in this value: its elements and the values beside them, in the order of the text. */
function expected(value: unknown, depth = 0, key: string | null = null): JsonElement[] {
  const position = { depth, key };
  if (typeof value !== 'object' || value === null || key === 'whole') return [{ kind: 'field', position, value }];
  if (!Array.isArray(value))
    return [
      { kind: 'open', position, as: 'object' },
      ...Object.entries(value).flatMap(([name, member]) => expected(member, depth + 1, name)),
    ];
  if (key !== 'items')
    return [{ kind: 'open', position, as: 'object' }, ...value.flatMap((member) => expected(member, depth + 1))];
  return [
    { kind: 'open', position, as: 'list' },
    ...value.map((element: unknown) => ({ kind: 'element' as const, value: element, encoding: 'UTF-8' as const })),
  ];
}

const { document } = fc.letrec((tie) => ({
  document: fc.oneof({ depthSize: 'small', withCrossShrink: true }, text(), tie('object'), tie('array')),
  object: fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('items', 'whole')), tie('document'), { maxKeys: 4 }),
  array: fc.array(tie('document'), { maxLength: 4 }),
}));

function text(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('"items": [', '\\', '\\"', '{[,:]}', 'é\n', null, -1.5, true),
  );
}

/** Cuts into chunks of the given sizes, cycling through them; each chunk overwrites the one before it. */
async function* inChunks(bytes: Buffer, sizes: number[]): AsyncGenerator<Buffer> {
  const memory = Buffer.alloc(Math.max(...sizes));
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = bytes.copy(memory, 0, at, at + sizes[i % sizes.length]!);
    yield memory.subarray(0, length);
    at += length;
  }
}

const chunkSizes = fc
  .array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 5 })
  .filter((sizes) => sizes.some((size) => size > 0));

async function read(bytes: Buffer | string, sizes = [7]): Promise<JsonElement[]> {
  const elements: JsonElement[] = [];
  for await (const batch of jsonElements(inChunks(Buffer.from(bytes as string), sizes), opening))
    elements.push(...batch);
  return elements;
}

test('finds the same elements as JSON.parse at any depth, regardless of chunk boundaries', async () => {
  await fc.assert(
    fc.asyncProperty(document, fc.constantFrom('', ' ', '\t'), chunkSizes, async (value, indent, sizes) => {
      const json = JSON.stringify(value, null, indent);
      const trouble = typeof value === 'object' && value !== null ? null : 'not valid JSON';
      assert.deepEqual(await read(json, sizes), [...expected(JSON.parse(json)), { kind: 'end', trouble }]);
    }),
    { numRuns: 1000 },
  );
});

test('yields everything before the break in a truncated file, and reports the truncation', async () => {
  const chat = fc.record({ before: document, items: fc.array(document, { maxLength: 4 }), after: document });
  await fc.assert(
    fc.asyncProperty(chat, fc.double({ min: 0, max: 1, noNaN: true }), chunkSizes, async (value, share, sizes) => {
      const bytes = Buffer.from(JSON.stringify(value));
      const length = 1 + Math.floor(share * (bytes.length - 2));
      const found = await read(bytes.subarray(0, length), sizes);
      assert.deepEqual(found.pop(), { kind: 'end', trouble: 'cut off: the JSON ends too early' });
      assert.deepEqual(found, expected(JSON.parse(bytes.toString())).slice(0, found.length));
      // An element is complete once the byte after it has been seen.
      const complete = value.items.filter((_, i) => {
        const upTo = JSON.stringify({ before: value.before, items: value.items.slice(0, i + 1) });
        return Buffer.byteLength(upTo) - ']}'.length < length;
      });
      const itemsStart = found.findIndex(
        (element) => element.kind === 'open' && element.as === 'list' && element.position.depth === 1,
      );
      const elements = itemsStart === -1 ? [] : found.slice(itemsStart + 1);
      assert.ok(elements.length >= complete.length);
      if (length < bytes.length - JSON.stringify(value.after).length - 1)
        assert.equal(elements.length, complete.length);
    }),
    { numRuns: 500 },
  );
});

test('yields every list that begins in a file without its start', async () => {
  const json = JSON.stringify({ items: [1, 2], list: [{ items: ['a'] }, { items: ['b', 'c'] }] });
  const from = (start: string) => read(json.slice(json.indexOf(start)));
  const elements = async (start: string) =>
    (await from(start)).flatMap((element) => (element.kind === 'element' ? [element.value] : []));
  assert.deepEqual(await elements('"items"'), [1, 2, 'a', 'b', 'c']);
  assert.deepEqual(await elements('2]'), ['a', 'b', 'c']);
  assert.deepEqual(await elements('"a"'), ['b', 'c']);
});

test('reports damaged elements and fields, and reads the rest', async () => {
  const kinds = async (bytes: Buffer | string) =>
    (await read(bytes)).map((element) => {
      if (element.kind === 'element') return [element.value, element.encoding];
      if (element.kind === 'field') return { [element.position.key ?? '']: element.value };
      return element.kind === 'damaged' ? element.reason : element.kind;
    });
  const utf8 = 'UTF-8';
  assert.deepEqual(await kinds('{"a": tru, "items": [1, {"x" 2}, , 3], "b": 4}'), [
    'open',
    { '': undefined },
    'open',
    [1, utf8],
    'not valid JSON',
    [3, utf8],
    { b: 4 },
    'end',
  ]);
  assert.deepEqual(await kinds(Buffer.from('{"items": ["é", "\x81"]}', 'latin1')), [
    'open',
    'open',
    ['é', 'windows-1252'],
    'neither UTF-8 nor windows-1252',
    'end',
  ]);
  // The comma between two fields is missing, or something is between a key and its list.
  assert.deepEqual(await kinds('{"a": 1 "items": [2]}'), ['open', { '': undefined }, 'open', [2, utf8], 'end']);
  assert.deepEqual(await kinds('{"items":x[2]}'), ['open', { '': undefined }, 'open', [2, utf8], 'end']);
  assert.deepEqual(await kinds('{"items": [1]} x'), ['open', 'open', [1, utf8], { '': undefined }, 'end']);
});
