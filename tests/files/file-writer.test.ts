import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openFileWriter } from '../../src/files/file-writer.ts';
import { tempDir } from '../artifacts/on-disk.ts';

test('a file gets its name only when it is complete', (t) => {
  const path = join(tempDir(t), 'a.txt');
  const writer = openFileWriter(path);
  writer.write('héllo');
  assert.equal(writer.bytes, 6);
  assert.equal(existsSync(path), false);
  writer.close();
  assert.equal(readFileSync(path, 'utf8'), 'héllo');
});

test('writes small and large chunks in order, and patches over them', (t) => {
  const path = join(tempDir(t), 'a.bin');
  const writer = openFileWriter(path);
  const chunks = [3, 700_000, 500_000, 3_000_000, 1, 1 << 20, 0, 5].map((length, i) =>
    new Uint8Array(length).fill(i + 1),
  );
  for (const chunk of chunks) writer.write(chunk);
  writer.patch(1, Uint8Array.of(99, 98));
  writer.write(Uint8Array.of(77));
  writer.close();
  const expected = Buffer.concat([...chunks, Uint8Array.of(77)]);
  expected.set([99, 98], 1);
  assert.ok(readFileSync(path).equals(expected));
});

test('an abandoned writer leaves nothing', (t) => {
  const dir = tempDir(t);
  const writer = openFileWriter(join(dir, 'a.txt'));
  writer.write('x');
  writer.abandon();
  assert.deepEqual(readdirSync(dir), []);
});

test(
  'on a full disk, the error names the file and no file has that name',
  { skip: existsSync('/dev/full') ? false : 'this system has no /dev/full' },
  (t) => {
    const path = join(tempDir(t), 'a.txt');
    symlinkSync('/dev/full', `${path}.partial`);
    const writer = openFileWriter(path);
    writer.write('x');
    assert.throws(
      () => writer.close(),
      (error: Error) => error.message.startsWith(`cannot write ${path}: ENOSPC`),
    );
    writer.abandon();
    assert.equal(existsSync(path), false);
  },
);

test('writes strings of any characters and lengths as UTF-8', (t) => {
  const path = join(tempDir(t), 'x');
  const texts = ['雨', 'é', '😀', 'a', '\ud800'].flatMap((letter) =>
    [1, 7, 349_525, 349_526, 1 << 20, (1 << 20) + 1].map((length) => letter.repeat(length)),
  );
  const writer = openFileWriter(path);
  for (const text of texts) for (const part of [text, 'ab', text.slice(0, 9)]) writer.write(part);
  writer.close();
  assert.ok(
    readFileSync(path).equals(
      Buffer.concat(texts.flatMap((text) => [text, 'ab', text.slice(0, 9)]).map((part) => Buffer.from(part))),
    ),
  );
});
