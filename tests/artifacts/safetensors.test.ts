import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openSafetensors, writeSafetensors } from '../../src/artifacts/checkpoint/safetensors.ts';
import { temporaryFolder } from '../stages/model-kit.ts';

const { dir, remove } = temporaryFolder();
after(remove);
const path = join(dir, 'x.safetensors');

function fileOf(header: unknown, data: Uint8Array, length?: number): string {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(length ?? json.length));
  writeFileSync(path, Buffer.concat([size, json, data]));
  return path;
}

test('reads back identical bits, in order, with metadata', async () => {
  const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });
  const names = fc.uniqueArray(
    fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).filter((name) => name !== '__metadata__'),
    { maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(
      names,
      fc.array(shape, { minLength: 5, maxLength: 5 }),
      fc.infiniteStream(fc.float()),
      async (all, shapes, floats) => {
        const tensors = all.map((name, i) => {
          const size = shapes[i]!.reduce((a, b) => a * b, 1);
          return { name, shape: shapes[i]!, values: Float32Array.from(floats.take(size)) };
        });
        await writeSafetensors(
          path,
          tensors.map(({ values, ...rest }) => ({ ...rest, read: async () => values })),
          { made: 'by a test' },
        );
        const file = openSafetensors(path);
        assert.deepEqual([...file.entries.keys()].sort(), all.sort());
        assert.deepEqual(file.metadata, { format: 'pt', made: 'by a test' });
        for (const { name, shape, values } of tensors) {
          assert.deepEqual(file.entries.get(name)!.shape, shape);
          assert.deepEqual(Buffer.from(file.read(name).buffer), Buffer.from(values.buffer));
        }
        file.close();
      },
    ),
    { numRuns: 40 },
  );
});

test('tensors may have names with a special meaning in JavaScript', async () => {
  const names = ['__proto__', 'constructor', 'toString', '7'];
  await writeSafetensors(
    path,
    names.map((name, i) => ({ name, shape: [1], read: () => Float32Array.of(i) })),
  );
  const file = openSafetensors(path);
  assert.deepEqual(
    names.map((name) => file.read(name)[0]),
    [0, 1, 2, 3],
  );
  assert.equal(file.entries.size, 4);
  file.close();
});

test('the bytes are those of the specification: length, header padded to 8, data without gaps', async () => {
  await writeSafetensors(path, [
    { name: 'a', shape: [2], read: () => Float32Array.of(1, -2) },
    { name: 'b', shape: [], read: () => Float32Array.of(0.5) },
  ]);
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  assert.equal(length % 8, 0);
  assert.deepEqual(JSON.parse(bytes.toString('utf8', 8, 8 + length)), {
    __metadata__: { format: 'pt' },
    a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
    b: { dtype: 'F32', shape: [], data_offsets: [8, 12] },
  });
  assert.deepEqual(
    [1, -2, 0.5].map((_, i) => bytes.readFloatLE(8 + length + 4 * i)),
    [1, -2, 0.5],
  );
});

test('half and bfloat16 become float32', () => {
  const half = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x8000, 0x7c00, 0x3555);
  const brain = Uint16Array.of(0x3f80, 0xc000, 0x7f7f, 0x0001, 0x0080, 0x8000, 0xff80, 0x3eab);
  const file = openSafetensors(
    fileOf(
      {
        half: { dtype: 'F16', shape: [8], data_offsets: [0, 16] },
        brain: { dtype: 'BF16', shape: [2, 4], data_offsets: [16, 32] },
      },
      Buffer.concat([half, brain].map((words) => Buffer.from(words.buffer))),
    ),
  );
  assert.deepEqual([...file.read('half')], [1, -2, 65504, 2 ** -24, 2 ** -14, -0, Infinity, 0.333251953125]);
  assert.deepEqual(
    [...file.read('brain')],
    [1, -2, Math.fround(3.3895313892515355e38), 2 ** -133, 2 ** -126, -0, -Infinity, 0.333984375],
  );
  file.close();
});

test('every kind of broken file is refused with its fault', () => {
  const one = (change: object): unknown => ({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...change } });
  const eight = new Uint8Array(8);
  const cases: [unknown, Uint8Array, RegExp, number?][] = [
    [one({}), new Uint8Array(7), /cut off: its tensors need 8 bytes, but it has 7/],
    [one({}), new Uint8Array(9), /1 bytes at the end belong to no tensor/],
    [one({ data_offsets: [4, 12] }), new Uint8Array(12), /4 bytes before a belong to no tensor/],
    [one({ shape: [3] }), eight, /a has 8 bytes, but F32 \[3\] needs 12/],
    [one({ shape: [-2] }), eight, /invalid shape/],
    [one({ shape: 'x' }), eight, /invalid shape/],
    [one({ data_offsets: [8, 0] }), eight, /invalid offsets/],
    [one({ data_offsets: [0] }), eight, /invalid offsets/],
    [one({ dtype: 'F31' }), eight, /unknown type "F31"/],
    [one({ dtype: 'toString' }), eight, /unknown type/],
    [{ a: 5 }, eight, /unknown type/],
    [
      { ...(one({}) as object), b: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } },
      eight,
      /b overlaps the tensor before it/,
    ],
    ['{"a"', eight, /header is not JSON/],
    ['[]', eight, /header is not an object/],
    ['{}', new Uint8Array(0), /cut off: its header should end at byte 108, but the file has 10/, 100],
    ['{}', new Uint8Array(0), /its header would have \d+ bytes/, 2 ** 40],
  ];
  for (const [header, data, message, length] of cases)
    assert.throws(() => openSafetensors(fileOf(header, data, length)), message);
  writeFileSync(path, 'abc');
  assert.throws(() => openSafetensors(path), /has 3 bytes, fewer than the 8/);
});

test('reading an unknown name or an unsupported type is an error', () => {
  const file = openSafetensors(
    fileOf({ mask: { dtype: 'BOOL', shape: [8], data_offsets: [0, 8] } }, new Uint8Array(8)),
  );
  assert.throws(() => file.read('nope'), /has no tensor nope/);
  assert.throws(() => file.read('mask'), /mask is BOOL; only F32, F64, BF16 and F16/);
  file.close();
});

test('a failed write keeps the old file and leaves nothing incomplete', async () => {
  await writeSafetensors(path, [{ name: 'old', shape: [1], read: () => Float32Array.of(7) }]);
  const broken = [
    { name: 'a', shape: [1], read: () => Float32Array.of(1) },
    { name: 'b', shape: [1], read: (): Float32Array => assert.fail('disk on fire') },
  ];
  await assert.rejects(writeSafetensors(path, broken), /disk on fire/);
  await assert.rejects(
    writeSafetensors(path, [{ name: 'a', shape: [3], read: () => Float32Array.of(1) }]),
    /a has 1 values, its shape \[3\] needs 3/,
  );
  const file = openSafetensors(path);
  assert.deepEqual([...file.read('old')], [7]);
  file.close();
  assert.deepEqual(readdirSync(dir), ['x.safetensors']);
  assert.ok(existsSync(path));
});
