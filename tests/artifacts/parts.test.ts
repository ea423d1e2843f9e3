import assert from 'node:assert/strict';
import { fork, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { mergePacks } from '../../src/artifacts/parts/merge-packs.ts';
import { openParts, partName } from '../../src/artifacts/parts/parts.ts';
import { tempDir } from './on-disk.ts';

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const contentOf = (i: number): Buffer => Buffer.from(`part ${i} `.repeat(i + 1));
const nameOf = (i: number): string => partName(['a test', i]);
const freshDir = (t: TestContext): string => join(tempDir(t), 'parts');
const packsOf = (dir: string): string[] => readdirSync(dir).filter((name) => name.endsWith('.pack'));

function keep(dir: string, which: number[]): void {
  const parts = openParts(dir)!;
  for (const i of which) parts.keep(nameOf(i), [contentOf(i)]);
  parts.close();
}

/** Which of the first `count` parts are found. Asserts that their content is correct. */
function found(dir: string, count: number): number[] {
  const parts = openParts(dir)!;
  const there = range(count).filter((i) => {
    const content = parts.find(nameOf(i));
    if (content !== null) assert.deepEqual(content, contentOf(i));
    return content !== null;
  });
  parts.close();
  return there;
}

test('a run writes one pack, which the next run finds; a run that stores nothing writes none', (t) => {
  const dir = freshDir(t);
  assert.deepEqual(found(dir, 6), []);
  const parts = openParts(dir)!;
  for (const i of range(6)) parts.keep(nameOf(i), [contentOf(i).subarray(0, 3), contentOf(i).subarray(3)]);
  assert.deepEqual([packsOf(dir), found(dir, 6)], [[], []], 'others find nothing until it is closed');
  parts.close();
  assert.equal(packsOf(dir).length, 1);
  assert.deepEqual(found(dir, 8), range(6));
  keep(dir, [6]);
  assert.deepEqual([packsOf(dir).length, found(dir, 8)], [2, range(7)], 'a small pack with only the new part');
  assert.deepEqual(
    readdirSync(dir).filter((name) => !name.endsWith('.pack')),
    [],
  );
  assert.equal(openParts(undefined), null);
});

test('the bytes of a pack are as described in README.md', (t) => {
  const dir = freshDir(t);
  keep(dir, [2, 0]);
  const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
  const uint64 = (value: number): Buffer => Buffer.from([value & 255, value >> 8, 0, 0, 0, 0, 0, 0]);
  const [a, b] = [contentOf(2), contentOf(0)];
  const line = (i: number, at: number): Buffer =>
    Buffer.concat([Buffer.from(nameOf(i), 'hex'), sha256(contentOf(i)), uint64(at), uint64(contentOf(i).length)]);
  const end = Buffer.concat([line(2, 0), line(0, a.length), uint64(2), Buffer.from('parts/1\n')]);
  assert.deepEqual(readFileSync(join(dir, packsOf(dir)[0]!)), Buffer.concat([a, b, end, sha256(end)]));
});

test('never returns wrong content, whichever byte of a pack is flipped and wherever it is cut', (t) => {
  const dir = freshDir(t);
  keep(dir, [0, 1, 2]);
  const path = join(dir, packsOf(dir)[0]!);
  const whole = readFileSync(path);
  const contents = contentOf(0).length + contentOf(1).length + contentOf(2).length;
  for (let at = 0; at < whole.length; at++) {
    const bytes = Buffer.from(whole);
    bytes[at]! ^= 1 << (at % 8);
    writeFileSync(path, bytes);
    assert.equal(found(dir, 3).length, at < contents ? 2 : 0, `byte ${at}: one part is damaged, or the whole index`);
    writeFileSync(path, whole.subarray(0, at));
    assert.deepEqual(found(dir, 3), [], `cut at ${at}`);
  }
  writeFileSync(path, Buffer.concat([whole, Buffer.from('x')]));
  assert.deepEqual(found(dir, 3), [], 'longer');
  writeFileSync(path, whole);
  assert.deepEqual(found(dir, 3), [0, 1, 2]);
});

test('a forged index is ignored and takes no memory', (t) => {
  const dir = freshDir(t);
  keep(dir, [0]);
  const path = join(dir, packsOf(dir)[0]!);
  const whole = readFileSync(path);
  const end = whole.length - 128;
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 64n - 1n), fc.constantFrom(64, 72, 80), (number, field) => {
      const bytes = Buffer.from(whole);
      bytes.writeBigUInt64LE(number, end + field);
      createHash('sha256')
        .update(bytes.subarray(end, -32))
        .digest()
        .copy(bytes, bytes.length - 32);
      writeFileSync(path, bytes);
      assert.deepEqual(found(dir, 1), bytes.equals(whole) ? [0] : []);
    }),
    { numRuns: 200 },
  );
});

test('merges many small packs, with complete parts only; keeps large ones and the time of the last use', (t) => {
  const dir = freshDir(t);
  for (const i of range(60)) keep(dir, [i]);
  assert.ok(packsOf(dir).length <= 24, `${packsOf(dir).length} packs`);
  assert.deepEqual(found(dir, 60), range(60));
  const sizes = (): number[] =>
    packsOf(dir)
      .map((name) => statSync(join(dir, name)).size)
      .sort((a, b) => a - b);
  const largest = sizes().at(-1)!;
  const old = Date.now() / 1000 - 5 * 86_400;
  for (const name of packsOf(dir)) utimesSync(join(dir, name), old, old);
  mergePacks(dir, { mostPacks: 2, mostBytes: largest });
  assert.deepEqual(
    packsOf(dir).map((name) => Math.abs(statSync(join(dir, name)).mtimeMs / 1000 - old) < 1),
    packsOf(dir).map(() => true),
  );
  assert.ok(sizes().includes(largest), 'the largest would not fit with any other');
  assert.deepEqual(found(dir, 60), range(60));
  const damaged = join(dir, packsOf(dir)[0]!);
  const bytes = readFileSync(damaged);
  bytes[0]! ^= 1;
  writeFileSync(damaged, bytes);
  mergePacks(dir, { mostPacks: 0 });
  assert.equal(packsOf(dir).length, 1);
  assert.equal(found(dir, 60).length, 59);
});

test('finds parts in a read-only folder and removes nothing', (t) => {
  const dir = freshDir(t);
  for (const i of range(4)) keep(dir, [i]);
  const me = process.geteuid!();
  chmodSync(join(dir, '..'), 0o755);
  chmodSync(dir, 0o555);
  if (me === 0) process.seteuid!(65534); // root may write anywhere
  try {
    mergePacks(dir, { mostPacks: 0 });
    keep(dir, [4]);
    assert.deepEqual([packsOf(dir).length, found(dir, 5)], [4, range(4)]);
  } finally {
    if (me === 0) process.seteuid!(me);
    chmodSync(dir, 0o755);
  }
});

test('without room for the merged pack, the small ones stay and nothing incomplete is left', (t) => {
  const dir = freshDir(t);
  for (const i of range(24)) keep(dir, [i + 200]); // two kilobytes each
  // A limit of 16 KB per file simulates a full disk. `keep-parts` makes a 25th pack, which is one too many.
  const limited = (blocks: string): void => {
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', `trap '' XFSZ; ulimit -f ${blocks}; exec "$0" "$@"`, process.execPath, process_, dir, 'late', '1'],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
  };
  limited('32');
  assert.equal(packsOf(dir).length, 25);
  assert.deepEqual(
    readdirSync(dir).filter((name) => !name.endsWith('.pack')),
    [],
  );
  assert.deepEqual([found(dir, 224).length, ofProcess('late', 1, dir)], [24, 1]);
  limited('unlimited');
  assert.equal(packsOf(dir).length, 1);
  assert.deepEqual([found(dir, 224).length, ofProcess('late', 1, dir)], [24, 1]);
});

test('a file instead of the folder, or a folder removed or replaced in the meantime, means misses, not errors', (t) => {
  const file = join(tempDir(t), 'a-file');
  writeFileSync(file, '');
  keep(file, [0]);
  assert.deepEqual(found(file, 1), []);
  const dir = freshDir(t);
  keep(dir, [0, 1]);
  const parts = openParts(dir)!;
  parts.keep(nameOf(2), [contentOf(2)]);
  rmSync(dir, { recursive: true });
  assert.deepEqual(parts.find(nameOf(1)), contentOf(1), 'open packs stay readable');
  parts.keep(nameOf(3), [contentOf(3)]);
  parts.close();
  assert.deepEqual(found(dir, 4), []);
  mkdirSync(join(dir, 'x.pack'), { recursive: true });
  writeFileSync(join(dir, 'y.pack'), 'parts/1\n');
  keep(dir, [4]);
  assert.deepEqual(found(dir, 5), [4]);
  const between = openParts(dir)!;
  between.keep(nameOf(0), [contentOf(0)]);
  renameSync(dir, `${dir}-moved`);
  between.close();
  assert.deepEqual(found(dir, 5), []);
});

const process_ = fileURLToPath(new URL('keep-parts.process.js', import.meta.url));
const ofProcess = (who: string, count: number, dir: string): number => {
  const parts = openParts(dir)!;
  const there = range(count).filter((i) =>
    parts.find(partName([who, i]))?.equals(Buffer.from(`${who} ${i} `.repeat(20))),
  ).length;
  parts.close();
  return there;
};

test('a killed process leaves the packs that it closed, and nothing incomplete', async (t) => {
  const dir = freshDir(t);
  const child = fork(process_, [dir, 'killed', '400', 'wait']);
  await once(child, 'message');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const left = ofProcess('killed', 400, dir);
  assert.ok(left > 0 && left < 400, `${left} of 400, by packs of 20 KB`);
  assert.equal(readdirSync(dir).filter((name) => name.endsWith('.partial')).length, 1);
  const again = fork(process_, [dir, 'killed', '400']);
  await once(again, 'exit');
  assert.equal(ofProcess('killed', 400, dir), 400);
});

test('several processes can share a folder, each also merging packs', async (t) => {
  const dir = freshDir(t);
  const children = ['one', 'two', 'three', 'four'].map((who) => fork(process_, [dir, who, '700']));
  await Promise.all(children.map((child) => once(child, 'exit')));
  assert.ok(packsOf(dir).length <= 60);
  for (const who of ['one', 'two', 'three', 'four']) assert.equal(ofProcess(who, 700, dir), 700);
});
