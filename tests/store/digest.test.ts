import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { digestOf, digestSource, manifestOf } from '../../src/store/sources/digest.ts';
import { hashFiles } from '../../src/store/sources/hash-files.ts';
import { temporaryDir } from '../kit/temporary.ts';

const LATER = (): number => Date.now() + 10_000;

/** Looks, and says how many bytes had to be read. */
function looker(base: string) {
  const statsDir = join(base, 'stats');
  const source = join(base, 'source');
  mkdirSync(statsDir);
  mkdirSync(join(source, 'sub'), { recursive: true });
  writeFileSync(join(source, 'a.txt'), 'aaaa');
  writeFileSync(join(source, 'sub', 'b.txt'), 'bbbbbb');
  const look = async (now: () => number = LATER): Promise<{ digest: string; read: number }> => {
    let read = 0;
    const digest = await digestSource(source, null, { statsDir, now, onBytes: (_done, total) => (read = total) });
    assert.equal(digest, await digestSource(source), 'what the cache says is what is there');
    return { digest, read };
  };
  const files = () => readdirSync(statsDir).filter((name) => name !== 'manifests');
  const file = () => join(statsDir, files()[0]!);
  return { source, look, files, file };
}

test('a folder’s digest: names and contents, and nothing else', async (context) => {
  const { source } = looker(temporaryDir(context));
  // computed by hand with sha256sum: sha256("folder/1\n" + lines of "<sha256> <bytes> <JSON of the path>\n")
  const line = (text: string, path: string): string =>
    `${createHash('sha256').update(text).digest('hex')} ${text.length} ${JSON.stringify(path)}\n`;
  const byHand = spawnSync('sha256sum', { input: `folder/1\n${line('aaaa', 'a.txt')}${line('bbbbbb', 'sub/b.txt')}` })
    .stdout.toString()
    .slice(0, 64);
  const digest = digestOf(await manifestOf(source));
  assert.equal(digest, byHand);
  chmodSync(join(source, 'a.txt'), 0o600);
  utimesSync(join(source, 'a.txt'), 1, 1);
  mkdirSync(join(source, 'empty'));
  assert.equal(await digestSource(source), digest, 'modes, times and empty folders do not count');
  renameSync(join(source, 'a.txt'), join(source, 'c.txt'));
  assert.notEqual(await digestSource(source), digest, 'names do');
  assert.equal(await digestSource(join(source, 'sub', 'b.txt')), createHash('sha256').update('bbbbbb').digest('hex'));
  assert.equal(
    await digestSource(source, ['sub/b.txt']),
    digestOf([{ path: 'sub/b.txt', bytes: 6, sha256: createHash('sha256').update('bbbbbb').digest('hex') }]),
  );
});

test('links are followed, but not round in a circle; a pipe is not waited for', async (context) => {
  const { source } = looker(temporaryDir(context));
  symlinkSync('../a.txt', join(source, 'sub', 'link.txt'));
  assert.deepEqual(
    (await manifestOf(source)).map(({ path, bytes }) => `${path} ${bytes}`),
    ['a.txt 4', 'sub/b.txt 6', 'sub/link.txt 4'],
  );
  symlinkSync('..', join(source, 'sub', 'up'));
  await assert.rejects(manifestOf(source), /up is a link to a folder that contains it/);
  rmSync(join(source, 'sub', 'up'));
  if (spawnSync('mkfifo', [join(source, 'pipe')]).status !== 0) return;
  await assert.rejects(manifestOf(source), /pipe is neither a file nor a folder/);
});

test('the stat cache: what looks the same is not read again, what looks different is', async (context) => {
  const { source, look } = looker(temporaryDir(context));
  const first = await look();
  assert.equal(first.read, 10);
  assert.deepEqual(await look(), { ...first, read: 0 });
  writeFileSync(join(source, 'a.txt'), 'AAAA');
  const changed = await look();
  assert.equal(changed.read, 4);
  assert.notEqual(changed.digest, first.digest);
  // same size, same mtime to the nanosecond: the change time and the inode give it away
  const { atime, mtime } = statSync(join(source, 'a.txt'));
  writeFileSync(join(source, 'a.txt'), 'aaaa');
  utimesSync(join(source, 'a.txt'), atime, mtime);
  assert.deepEqual(await look(), { digest: first.digest, read: 4 });
  copyFileSync(join(source, 'sub', 'b.txt'), join(source, 'other'));
  renameSync(join(source, 'other'), join(source, 'sub', 'b.txt'));
  assert.deepEqual(await look(), { digest: first.digest, read: 6 });
  rmSync(join(source, 'a.txt'));
  assert.equal((await look()).read, 0);
  writeFileSync(join(source, 'a.txt'), 'aaaa');
  assert.deepEqual(await look(), { digest: first.digest, read: 4 }, 'a file that was gone is not remembered');
});

test('a file written less than two seconds before the look is read again, until a later look', async (context) => {
  const { look, files } = looker(temporaryDir(context));
  const soon = (): number => Date.now() + 1500;
  const first = await look(soon);
  assert.deepEqual(await look(soon), first, 'racy: read again');
  assert.deepEqual(files(), [], 'and not written down');
  assert.equal((await look(() => Date.now() + 2600)).read, 10);
  assert.equal((await look(() => Date.now() + 2700)).read, 0);
});

test('a clock that was set back: what was looked at in its future counts for nothing', async (context) => {
  const { look } = looker(temporaryDir(context));
  await look(() => Date.now() + 3_600_000);
  assert.equal((await look(() => Date.now() + 10_000)).read, 10);
  assert.equal((await look(() => Date.now() + 11_000)).read, 0);
  assert.equal((await look(() => Date.now() - 86_400_000)).read, 10, 'files from the future are racy');
});

test('a damaged stat cache is a miss: any byte, any length', async (context) => {
  const { look, file } = looker(temporaryDir(context));
  const first = await look();
  const text = readFileSync(file());
  for (let at = 0; at < text.length; at += 3) {
    const flipped = Buffer.from(text);
    flipped[at]! ^= 1;
    writeFileSync(file(), flipped);
    assert.deepEqual(await look(), first, `byte ${at}`);
  }
  for (const length of [0, 10, 80, text.length - 1]) {
    writeFileSync(file(), text.subarray(0, length));
    assert.deepEqual(await look(), first);
  }
  assert.equal((await look()).read, 0);
});

test('large amounts are hashed in threads, to the same sums, and say how far they are', async (context) => {
  const dir = temporaryDir(context);
  const piece = randomBytes(1 << 20);
  const files = [70 << 20, 1, 3 << 20, 0, 5].map((bytes, index) => {
    const path = join(dir, String(index));
    writeFileSync(path, Buffer.alloc(bytes, piece.subarray(index)));
    return { path, bytes };
  });
  const told: number[] = [];
  const sums = await hashFiles(files, (done, total) => told.push(done / total));
  const lines = spawnSync(
    'sha256sum',
    files.map(({ path }) => path),
  )
    .stdout.toString()
    .trim()
    .split('\n');
  assert.deepEqual(
    sums,
    lines.map((line) => line.slice(0, 64)),
  );
  assert.ok(told.every((share) => share >= 0 && share <= 1));
  await assert.rejects(hashFiles([...files, { path: join(dir, 'none'), bytes: 1 }]), /ENOENT/);
});
