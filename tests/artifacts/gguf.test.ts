import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeGguf, type GgufTensor, type GgufValue } from '../../src/artifacts/gguf/gguf-file.ts';
import { tensorFormats } from '../../src/artifacts/gguf/tensor-formats.ts';
import type { TensorType } from '../../src/artifacts/gguf/tensor-types.ts';
import { readGguf } from '../kit/read-gguf.ts';
import { tempDir } from './on-disk.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Sixty-four rows of 32 numbers of nine magnitudes; one row is 0, and one begins with -0. */
const numbers = Float32Array.from({ length: 64 * 32 }, (_, i) => {
  const row = Math.floor(i / 32);
  if (row === 5 || i === 6 * 32) return row === 5 ? 0 : -0;
  return (((i * 2654435761) % 2 ** 32) / 2 ** 31 - 1) * [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100][row % 9]!;
});

// From llama.cpp's own Python package gguf 0.19, `quants.quantize`.
const OF_LLAMA_CPP: Partial<Record<TensorType, string>> = {
  f16: '44656fdc13f673fa2e99eaa6b560435d5f4ff1ddca89dadeef5ae0848a504804',
  bf16: 'b207a87212d6766533f137e91ee0715055f5790b0919344cf79b57829bdcc7b7',
  q8_0: '36637ce4f967691583bd81a9abde493b306568ff56a3a3036ba1f4563bb4bbe2',
};

test("numbers have the bytes of llama.cpp's converter in every type", () => {
  assert.equal(
    sha256(tensorFormats.f32.encode(numbers)),
    '7cf63bc60ddf43f5793223aeb26088ce36a35a699e71f087c4848211716ba52c',
  );
  for (const [type, digest] of Object.entries(OF_LLAMA_CPP))
    assert.equal(sha256(tensorFormats[type as TensorType].encode(numbers)), digest, type);
});

const tensor = (name: string, shape: number[], type: TensorType, from = 0): GgufTensor => ({
  name,
  shape,
  type,
  read: () => Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => from + i),
});

test('a file holds its values and tensors, each at a multiple of 32 bytes', async (t) => {
  const path = join(tempDir(t), 'a.gguf');
  const metadata: Record<string, GgufValue> = {
    'a.count': { type: 'uint32', value: 4_000_000_000 },
    'a.number': { type: 'float32', value: 0.5 },
    'a.flag': { type: 'bool', value: true },
    'a.text': { type: 'string', value: 'Zoë\n' },
    'a.texts': { type: 'strings', value: ['', 'Ġx', '🦊'] },
    'a.numbers': { type: 'int32s', value: [-1, 3] },
  };
  const progress: [number, number][] = [];
  await writeGguf(path, {
    metadata,
    tensors: [tensor('one', [3], 'f32', 7), tensor('two', [2, 3], 'f16'), tensor('three', [600_000], 'bf16')],
    onBytes: (done, total) => progress.push([done, total]),
  });
  const read = readGguf(path);
  assert.deepEqual(read.metadata, Object.fromEntries(Object.entries(metadata).map(([key, { value }]) => [key, value])));
  const { one, two, three } = read.tensors;
  assert.deepEqual([one!.shape, one!.type, one!.offset], [[3], 0, 0]);
  assert.deepEqual([...new Float32Array(one!.data.buffer.slice(one!.data.byteOffset)).slice(0, 3)], [7, 8, 9]);
  assert.deepEqual([two!.shape, two!.type, two!.offset], [[3, 2], 1, 32]);
  assert.deepEqual(
    [0, 1, 2, 5].map((i) => two!.data.readUInt16LE(2 * i)),
    [0, 0x3c00, 0x4000, 0x4500],
  );
  assert.deepEqual([three!.shape, three!.type, three!.offset], [[600_000], 30, 64]);
  assert.equal(three!.data.readUInt16LE(2 * 599_999), 0x4912); // 599,999 in bfloat16
  assert.equal(three!.data.length, 1_200_000);
  const [done, total] = progress.at(-1)!;
  assert.equal(done, total);
});

test('nothing is left if a number or a row does not fit the type, or a tensor has a wrong size', async (t) => {
  const dir = tempDir(t);
  const written = (given: GgufTensor) => writeGguf(join(dir, 'a.gguf'), { metadata: {}, tensors: [given] });
  await assert.rejects(
    written(tensor('w', [2], 'f16', 65519)),
    /^RangeError: w: 65520 is too large for f16; bf16 and f32 have room for it$/,
  );
  await assert.rejects(written(tensor('w', [32], 'q8_0', 1e9)), /^RangeError: w: 1000000000 is too large for q8_0;/);
  await assert.rejects(
    written(tensor('w', [2, 48], 'q8_0')),
    /^RangeError: w has rows of 48 numbers; q8_0 needs a multiple of 32$/,
  );
  await assert.rejects(
    written({ ...tensor('w', [2], 'f32'), shape: [3] }),
    /^Error: w has 2 numbers, its shape \[3\] needs 3$/,
  );
  assert.deepEqual(readdirSync(dir), []);
  assert.equal(existsSync(join(dir, 'a.gguf')), false);
});
