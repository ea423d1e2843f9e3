import assert from 'node:assert/strict';
import {
  closeSync,
  copyFileSync,
  ftruncateSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc32c } from '../../src/artifacts/given-weights/crc32c.ts';
import { openTensorFlowCheckpoint } from '../../src/artifacts/given-weights/tensorflow-checkpoint.ts';
import { bundleEntry, sortedTable, writeTensorFlowCheckpoint } from '../kit/tensorflow-checkpoint.ts';
import { NO_SHARED_DATA, sharedData, tempDir } from './on-disk.ts';

const toy = sharedData('toy-tf-checkpoint');
const skip = toy ? false : NO_SHARED_DATA;

test('CRC-32C matches the vectors in RFC 3720 B.4, and a computation bit by bit for any bytes', () => {
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  const bitwise = (bytes: Uint8Array): number => {
    let crc = 0xffffffff;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    }
    return (crc ^ 0xffffffff) >>> 0;
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => crc32c(bytes) === bitwise(bytes)));
});

/** Names and shapes of a GPT-2 with these hparams.json, from the published naming. */
function toyShapes(): Record<string, number[]> {
  const [V, T, C] = [356, 20, 15];
  const shapes: Record<string, number[]> = {
    'model/wte': [V, C],
    'model/wpe': [T, C],
    'model/ln_f/g': [C],
    'model/ln_f/b': [C],
  };
  for (const h of ['model/h0', 'model/h1', 'model/h2']) {
    for (const norm of ['ln_1', 'ln_2']) Object.assign(shapes, { [`${h}/${norm}/g`]: [C], [`${h}/${norm}/b`]: [C] });
    for (const [name, rows, columns] of [
      ['attn/c_attn', C, 3 * C],
      ['attn/c_proj', C, C],
      ['mlp/c_fc', C, 4 * C],
      ['mlp/c_proj', 4 * C, C],
    ] as const) {
      Object.assign(shapes, { [`${h}/${name}/w`]: [1, rows, columns], [`${h}/${name}/b`]: [columns] });
    }
  }
  return shapes;
}

test('reads a checkpoint written by TensorFlow: names, shapes, and values in the order of the names', { skip }, () => {
  const checkpoint = openTensorFlowCheckpoint(join(toy!, 'model.ckpt'));
  const shapes = toyShapes();
  assert.equal(checkpoint.entries.size, 40);
  assert.deepEqual(Object.fromEntries([...checkpoint.entries].map(([name, { shape }]) => [name, shape])), shapes);
  // Saver writes the tensors in the order of their names, without gaps, so the data file can be split without its index.
  const data = readFileSync(join(toy!, 'model.ckpt.data-00000-of-00001'));
  let at = 0;
  for (const name of Object.keys(shapes).sort()) {
    const count = shapes[name]!.reduce((product, length) => product * length, 1);
    const expected = Array.from({ length: count }, (_, i) => data.readFloatLE(at + 4 * i));
    assert.deepEqual([...checkpoint.read(name)], expected, name);
    at += 4 * count;
  }
  assert.equal(at, data.length);
  assert.deepEqual([...checkpoint.read('model/h1/ln_1/g')], Array(15).fill(1), 'the initial weights of a norm are 1');
  checkpoint.close();
});

test('a flipped byte anywhere in the index is detected or has no effect', { skip }, (t) => {
  const dir = tempDir(t);
  const prefix = join(dir, 'model.ckpt');
  copyFileSync(join(toy!, 'model.ckpt.data-00000-of-00001'), `${prefix}.data-00000-of-00001`);
  const index = readFileSync(join(toy!, 'model.ckpt.index'));
  const contents = (): string => {
    const checkpoint = openTensorFlowCheckpoint(prefix);
    try {
      return JSON.stringify([...checkpoint.entries]);
    } finally {
      checkpoint.close();
    }
  };
  writeFileSync(`${prefix}.index`, index);
  const whole = contents();
  let harmless = 0;
  for (let place = 0; place < index.length; place++) {
    const flipped = Buffer.from(index);
    flipped[place]! ^= 1 << (place % 8);
    writeFileSync(`${prefix}.index`, flipped);
    try {
      assert.ok(contents() === whole, `byte ${place}`);
      harmless++;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      assert.ok((error as Error).message.startsWith(`${prefix}.index`), (error as Error).message);
    }
  }
  // The unused meta block with its trailer and handle, and the footer's padding.
  assert.ok(harmless < 13 + 4 + 40, `${harmless} bytes do not matter`);
  for (const length of [0, 10, 47, 48, 600, index.length - 1]) {
    writeFileSync(`${prefix}.index`, index.subarray(0, length));
    assert.throws(contents, /not a checkpoint index/);
  }
});

test('errors for a flipped byte and a truncated file name file and tensor', { skip }, (t) => {
  const prefix = join(tempDir(t), 'model.ckpt');
  copyFileSync(join(toy!, 'model.ckpt.index'), `${prefix}.index`);
  const data = readFileSync(join(toy!, 'model.ckpt.data-00000-of-00001'));
  const path = `${prefix}.data-00000-of-00001`;
  data[5000]! ^= 16; // byte 2236 of what follows the biases and c_fc of layer 0
  writeFileSync(path, data);
  const checkpoint = openTensorFlowCheckpoint(prefix);
  const damaged = [...checkpoint.entries].find(([, { offset, size }]) => offset <= 5000 && 5000 < offset + size)![0];
  for (const name of checkpoint.entries.keys()) {
    if (name !== damaged) checkpoint.read(name);
    else
      assert.throws(
        () => checkpoint.read(name),
        (error: Error) => error.message.startsWith(`${path}: ${damaged} is damaged: its bytes have the CRC `),
      );
  }
  checkpoint.close();
  truncateSync(path, 40_000);
  assert.throws(
    () => openTensorFlowCheckpoint(prefix),
    /does not match its data in \d+ of 40 tensors:\n {2}model\/\S+ ends at byte \d+ of .*data-00000-of-00001, which has 40000: it is cut off/,
  );
});

test('reads an index with many small blocks; refuses compressed, sliced and big-endian checkpoints', (t) => {
  const prefix = join(tempDir(t), 'x');
  const tensors = Array.from({ length: 120 }, (_, i) => ({
    name: `model/h${i}/${'very/'.repeat(i % 5)}w`,
    shape: [2, i % 7],
    values: () => new Float32Array(2 * (i % 7)).fill(i + 0.5),
  }));
  for (const blockBytes of [1, 300, 1e9]) {
    writeTensorFlowCheckpoint(prefix, tensors, blockBytes);
    const checkpoint = openTensorFlowCheckpoint(prefix);
    for (const { name, shape, values } of tensors) {
      assert.deepEqual(checkpoint.entries.get(name)!.shape, shape);
      assert.deepEqual(checkpoint.read(name), values());
    }
    assert.throws(() => checkpoint.read('model/none'), /has no tensor model\/none/);
    checkpoint.close();
  }
  const refused = (header: number[], entry: number[], message: RegExp): void => {
    writeFileSync(
      `${prefix}.index`,
      sortedTable(
        [
          ['', Uint8Array.from(header)],
          ['a', Uint8Array.from(entry)],
        ],
        1e9,
      ),
    );
    assert.throws(() => openTensorFlowCheckpoint(prefix), message);
  };
  refused([8, 1, 16, 1], [8, 1], /big-endian/);
  refused([8, 1], [8, 1, 0x3a, 0], /stored in slices/);
  refused([8, 0], [8, 1], /lists 0 data files/);
});

test('reads a tensor beyond the first four gigabytes', (t) => {
  const prefix = join(tempDir(t), 'big');
  const offset = 2 ** 32 + 12;
  const values = Float32Array.of(1, -2, 3.5);
  const bytes = new Uint8Array(values.buffer);
  const fd = openSync(`${prefix}.data-00000-of-00001`, 'w');
  ftruncateSync(fd, offset + 12); // a sparse file, which takes no space
  writeSync(fd, bytes, 0, 12, offset);
  closeSync(fd);
  writeFileSync(
    `${prefix}.index`,
    sortedTable(
      [
        ['', Uint8Array.of(8, 1)],
        ['model/wte', bundleEntry([3], offset, bytes)],
      ],
      4096,
    ),
  );
  const checkpoint = openTensorFlowCheckpoint(prefix);
  assert.deepEqual(checkpoint.read('model/wte'), values);
  checkpoint.close();
});
