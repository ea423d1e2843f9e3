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
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { digestOf, digestSource, manifestOf } from '../../src/store/sources/digest.ts';
import { hashFiles } from '../../src/store/sources/hash-files.ts';
import { refuseThreads } from '../kit/refuse-threads.ts';
import { temporaryDir } from '../kit/temporary.ts';

const later = (): number => Date.now() + 10_000;

/** A source folder, and a function that computes its digest and counts the bytes read. */
function sourceIn(base: string) {
  const statsDir = join(base, 'stats');
  const source = join(base, 'source');
  mkdirSync(statsDir);
  mkdirSync(join(source, 'sub'), { recursive: true });
  writeFileSync(join(source, 'a.txt'), 'aaaa');
  writeFileSync(join(source, 'sub', 'b.txt'), 'bbbbbb');
  const check = async (now: () => number = later): Promise<{ digest: string; read: number }> => {
    let read = 0;
    const digest = await digestSource(source, null, { statsDir, now, onBytes: (_done, total) => (read = total) });
    assert.equal(digest, await digestSource(source), 'the same digest without the cache');
    return { digest, read };
  };
  const files = () => readdirSync(statsDir).filter((name) => name !== 'manifests');
  const file = () => join(statsDir, files()[0]!);
  return { source, check, files, file };
}

test('a folder’s digest covers names and contents and nothing else', async (context) => {
  const { source } = sourceIn(temporaryDir(context));
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

test('links are followed, circular links and pipes are refused', async (context) => {
  const { source } = sourceIn(temporaryDir(context));
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

test('in a folder of the user, a link to nowhere or to a folder around it counts as a link; a socket is named', async (context) => {
  const { source } = sourceIn(temporaryDir(context));
  const before = await digestSource(source);
  symlinkSync('nowhere', join(source, 'gone'));
  const gone = await digestSource(source);
  rmSync(join(source, 'gone'));
  symlinkSync('elsewhere', join(source, 'gone'));
  const elsewhere = await digestSource(source);
  symlinkSync('..', join(source, 'sub', 'up'));
  symlinkSync('self', join(source, 'self'));
  const all = [before, gone, elsewhere, await digestSource(source)];
  assert.equal(new Set(all).size, all.length);
  assert.equal(await digestSource(source), all[3]);
  writeFileSync(Buffer.from(`${source}/caf\xe9`, 'latin1'), '');
  await assert.rejects(digestSource(source), /caf\ufffd has a name that is not UTF-8: rename it/);
});

test('the stat cache: files with changed size, times or inode are read again, others are not', async (context) => {
  const { source, check } = sourceIn(temporaryDir(context));
  const first = await check();
  assert.equal(first.read, 10);
  assert.deepEqual(await check(), { ...first, read: 0 });
  writeFileSync(join(source, 'a.txt'), 'AAAA');
  const changed = await check();
  assert.equal(changed.read, 4);
  assert.notEqual(changed.digest, first.digest);
  // same size and mtime; only the change time or the inode shows the change
  const { atime, mtime } = statSync(join(source, 'a.txt'));
  writeFileSync(join(source, 'a.txt'), 'aaaa');
  utimesSync(join(source, 'a.txt'), atime, mtime);
  assert.deepEqual(await check(), { digest: first.digest, read: 4 });
  copyFileSync(join(source, 'sub', 'b.txt'), join(source, 'other'));
  renameSync(join(source, 'other'), join(source, 'sub', 'b.txt'));
  assert.deepEqual(await check(), { digest: first.digest, read: 6 });
  rmSync(join(source, 'a.txt'));
  assert.equal((await check()).read, 0);
  writeFileSync(join(source, 'a.txt'), 'aaaa');
  assert.deepEqual(await check(), { digest: first.digest, read: 4 }, 'a deleted file is not remembered');
});

test('a file written less than two seconds before a check is read again by the next check', async (context) => {
  const { check, files } = sourceIn(temporaryDir(context));
  const soon = (): number => Date.now() + 1500;
  const first = await check(soon);
  assert.deepEqual(await check(soon), first, 'racy: read again');
  assert.deepEqual(files(), [], 'and not recorded');
  assert.equal((await check(() => Date.now() + 2600)).read, 10);
  assert.equal((await check(() => Date.now() + 2700)).read, 0);
});

test('after the clock was set back, checks that are now in the future are ignored', async (context) => {
  const { check } = sourceIn(temporaryDir(context));
  await check(() => Date.now() + 3_600_000);
  assert.equal((await check(() => Date.now() + 10_000)).read, 10);
  assert.equal((await check(() => Date.now() + 11_000)).read, 0);
  assert.equal((await check(() => Date.now() - 86_400_000)).read, 10, 'files from the future are racy');
});

test('a stat cache with any byte changed, or cut anywhere, is a miss', async (context) => {
  const { check, file } = sourceIn(temporaryDir(context));
  const first = await check();
  const text = readFileSync(file());
  for (let index = 0; index < text.length; index += 3) {
    const flipped = Buffer.from(text);
    flipped[index]! ^= 1;
    writeFileSync(file(), flipped);
    assert.deepEqual(await check(), first, `byte ${index}`);
  }
  for (const length of [0, 10, 80, text.length - 1]) {
    writeFileSync(file(), text.subarray(0, length));
    assert.deepEqual(await check(), first);
  }
  assert.equal((await check()).read, 0);
});

test('large amounts are hashed in threads, with the same hashes and progress reports', async (context) => {
  const dir = temporaryDir(context);
  const noise = randomBytes(1 << 20);
  const files = [70 << 20, 1, 3 << 20, 0, 5].map((bytes, index) => {
    const path = join(dir, String(index));
    writeFileSync(path, Buffer.alloc(bytes, noise.subarray(index)));
    return { path, bytes };
  });
  const progress: number[] = [];
  const sums = await hashFiles(files, (done, total) => progress.push(done / total));
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
  assert.ok(progress.every((share) => share >= 0 && share <= 1));
  await assert.rejects(hashFiles([...files, { path: join(dir, 'none'), bytes: 1 }]), /ENOENT/);
});

test('where the system has no thread left, this one hashes large amounts', async (context) => {
  const dir = temporaryDir(context);
  const path = join(dir, 'large');
  writeFileSync(path, '');
  truncateSync(path, 200 << 20);
  const refused = refuseThreads(context);
  const [one, other] = await hashFiles([0, 1].map(() => ({ path, bytes: 200 << 20 })));
  assert.ok(refused() > 0);
  assert.equal(one, other);
  assert.match(one!, /^[0-9a-f]{64}$/);
});
