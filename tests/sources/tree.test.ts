import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { tarFiles } from '../../src/sources/archive/tar-files.ts';
import { openTree } from '../../src/sources/archive/tree.ts';
import { diskFile, type TreeFile } from '../../src/sources/archive/tree-file.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { zipOf, type ZipPart } from './write-zip.ts';

const everything = (): boolean => true;

async function readContent(file: TreeFile): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of file.chunks()) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Path → content, or `! ` and the error message of reading it. */
async function listed(path: string): Promise<{ files: Record<string, string>; refused: string[] }> {
  const { files, refused } = await openTree(path, everything);
  const contents: Record<string, string> = {};
  for (const file of files)
    contents[file.place] = await readContent(file).catch((error: Error) => `! ${error.message}`);
  return { files: contents, refused: refused.map(({ place, reason }) => `${place}: ${reason}`) };
}

function zipIn(t: TestContext, parts: ZipPart[], cut = Infinity): string {
  const path = join(tempDir(t), 'a.zip');
  writeFileSync(path, zipOf(parts).subarray(0, cut));
  return path;
}

test('lists the same files in a folder, a zip, and a folder of zips', async (t) => {
  const dir = tempDir(t);
  const inside = { 'a/x.txt': 'x', 'a/é.txt': 'é', 'b.txt': 'b'.repeat(300_000) };
  writeFiles(join(dir, 'folder'), inside);
  writeFiles(dir, {
    'x.zip': zipOf(inside),
    'parts/one.zip': zipOf(inside),
    'parts/two/b.txt': 'plain',
    'parts/two/attached.zip': zipOf(inside),
  });
  assert.deepEqual(await listed(join(dir, 'folder')), { files: inside, refused: [] });
  assert.deepEqual(await listed(join(dir, 'x.zip')), { files: inside, refused: [] });
  const { files } = await openTree(join(dir, 'parts'), (place) => place.endsWith('.txt'));
  // A zip that someone sent in a chat is not opened.
  assert.deepEqual(
    files.map(({ place, bytes }) => [place, bytes]),
    [
      ['one.zip/a/x.txt', 1],
      ['one.zip/a/é.txt', 2],
      ['one.zip/b.txt', 300_000],
      ['two/b.txt', 5],
    ],
  );
});

test('reads zips written by the zip program: stored, deflated, and to a pipe', async (t) => {
  const dir = tempDir(t);
  const inside = { 'a/x.txt': 'x', 'b.txt': 'b'.repeat(300_000), 'empty.txt': '' };
  writeFiles(join(dir, 'folder'), inside);
  try {
    execFileSync('zip', ['-q', '-r', '../deflated.zip', '.'], { cwd: join(dir, 'folder') });
  } catch {
    return t.skip('there is no zip program');
  }
  execFileSync('zip', ['-q', '-0', '-r', '../stored.zip', '.'], { cwd: join(dir, 'folder') });
  execFileSync('sh', ['-c', 'zip -q -fd -r - . | cat > ../piped.zip'], { cwd: join(dir, 'folder') });
  for (const name of ['deflated', 'stored', 'piped'])
    assert.deepEqual(await listed(join(dir, `${name}.zip`)), { files: inside, refused: [] }, name);
});

test('refuses and lists entries that lead out, links, encrypted entries and unknown methods, and reads the rest', async (t) => {
  const path = zipIn(t, [
    { name: '../up.txt', content: 'x' },
    { name: 'a/../../up.txt', content: 'x' },
    { name: '/etc/passwd', content: 'x' },
    { name: 'C:\\evil.txt', content: 'x' },
    { name: 'nul\0.txt', content: 'x' },
    { name: 'link.txt', content: '/etc/passwd', mode: 0o120777, stored: true },
    { name: 'secret.txt', content: 'x', flags: 1 },
    { name: 'odd.txt', content: 'x', method: 99 },
    { name: 'good.txt', content: 'good' },
    { name: 'good.txt', content: 'second' },
    { name: 'back\\slash.txt', content: 'as Windows wrote it' },
  ]);
  assert.deepEqual(await listed(path), {
    files: { 'good.txt': 'good', 'back/slash.txt': 'as Windows wrote it' },
    refused: [
      '../up.txt: refused: its name leads out of the archive',
      'a/../../up.txt: refused: its name leads out of the archive',
      '/etc/passwd: refused: its name leads out of the archive',
      'C:/evil.txt: refused: its name leads out of the archive',
      'nul?.txt: refused: its name leads out of the archive',
      'link.txt: refused: a link',
      'secret.txt: encrypted: unpack it with its password and give the folder',
      'odd.txt: packed with method 99, which is not read: unpack it and give the folder',
      'good.txt: refused: a second entry of one name',
    ],
  });
});

test('refuses zip bombs by their declared size and by their actual content', async (t) => {
  const claims = zipIn(t, [
    { name: 'bomb.txt', content: 'x'.repeat(1000), claimedBytes: 2 ** 31 },
    { name: 'good.txt', content: 'g' },
  ]);
  assert.deepEqual(await listed(claims), {
    files: {},
    refused: [': a zip bomb: it claims to hold far more than a file of its size can; nothing in it is read'],
  });
  const lies = zipIn(t, [
    { name: 'bomb.txt', content: Buffer.alloc(50_000_000), claimedBytes: 100 },
    { name: 'good.txt', content: 'g' },
  ]);
  const { files } = await openTree(lies, everything);
  let given = 0;
  await assert.rejects(async () => {
    for await (const chunk of files[0]!.chunks()) given += chunk.length;
  }, /^Error: damaged in the zip: longer than the 100 bytes it should have$/);
  assert.ok(given <= 100);
  assert.equal(await readContent(files[1]!), 'g');
});

test('detects damage: a wrong checksum, missing bytes, a missing header', async (t) => {
  const path = zipIn(t, [
    { name: 'a.txt', content: 'a', claimedCrc: 1 },
    { name: 'b.txt', content: 'b', claimedBytes: 5 },
    { name: 'c.txt', content: 'c'.repeat(1000), method: 0 },
    { name: 'd.txt', content: Buffer.alloc(100, 0xff), stored: true, method: 8 },
  ]);
  assert.deepEqual((await listed(path)).files, {
    'a.txt': '! damaged in the zip: its checksum is another',
    'b.txt': '! damaged in the zip: 1 of 5 bytes',
    'c.txt': '! damaged in the zip: 11 of 1000 bytes',
    'd.txt': '! damaged in the zip: it cannot be unpacked',
  });
});

test('reads every file before the break in a truncated zip, and reports it', async (t) => {
  const noise = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * 7919) % 251));
  for (const streamed of [false, true]) {
    const parts: ZipPart[] = ['one', 'two', 'three'].map((name) => ({
      name,
      content: Buffer.concat([Buffer.from(name), noise]),
      streamed,
    }));
    const whole = zipOf(parts);
    const starts = parts.map(({ name }) => whole.indexOf(name) - 30);
    const table = whole.indexOf('PK\x01\x02');
    for (let cut = 5; cut < whole.length; cut += 97) {
      const { files, refused } = await listed(zipIn(t, parts, cut));
      const ends = [starts[1]!, starts[2]!, table];
      const complete = parts.filter((_, i) => cut >= ends[i]!).map(({ name }) => name);
      const good = Object.entries(files).filter(([, content]) => !content.startsWith('!'));
      // If only the descriptor after a streamed entry is missing, the content is complete and may be returned too.
      assert.ok(good.length >= complete.length && good.length <= complete.length + 1, `${cut}`);
      for (const [name, content] of good)
        assert.equal(content, parts.find((part) => part.name === name)!.content.toString('utf8'));
      for (const [, content] of Object.entries(files))
        if (content.startsWith('!')) assert.equal(content, '! the zip ends in the middle of it');
      assert.equal(refused.length, 1);
      assert.match(refused[0]!, /cut off/);
    }
  }
});

test('lists an unreadable folder and reads the others', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'a/x.txt': 'x', 'shut/y.txt': 'y', 'z.txt': 'z' });
  chmodSync(dir, 0o755);
  chmodSync(join(dir, 'shut'), 0);
  chmodSync(join(dir, 'z.txt'), 0);
  const me = process.geteuid!();
  if (me === 0) process.seteuid!(65534); // root may read anything
  try {
    assert.deepEqual(await listed(dir), {
      files: { 'a/x.txt': 'x', 'z.txt': '! cannot be read (EACCES)' },
      refused: ['shut: cannot be read (EACCES)'],
    });
  } finally {
    if (me === 0) process.seteuid!(me);
    chmodSync(join(dir, 'shut'), 0o755);
  }
});

test('reads every file once, whatever links there are, and ends at loops', async (t) => {
  const dir = tempDir(t);
  const outside = tempDir(t);
  writeFiles(dir, { 'b/x.txt': 'x', 'z.txt': 'z' });
  writeFiles(outside, { 'far/o.txt': 'o', 'p.txt': 'p' });
  for (const [name, target] of Object.entries({
    'a.txt': 'z.txt',
    'b/again': '.',
    'b/up': '..',
    c: 'b',
    far: join(outside, 'far'),
    far2: join(outside, 'far'),
    'p1.txt': join(outside, 'p.txt'),
    'p2.txt': join(outside, 'p.txt'),
    'gone.txt': 'nowhere',
    'self.txt': 'self.txt',
  }))
    symlinkSync(target, join(dir, name));
  symlinkSync(dir, join(outside, 'far', 'back'));
  for (let i = 0; i < 19; i++) for (const letter of 'abc') symlinkSync('..', join(dir, 'b', `${letter}${i}`));
  assert.deepEqual(await listed(dir), {
    files: { 'b/x.txt': 'x', 'far/o.txt': 'o', 'p1.txt': 'p', 'z.txt': 'z' },
    refused: [],
  });
});

test('refuses sockets, FIFOs and names that are not UTF-8 by name, and reads the rest', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'a.txt': 'a' });
  execFileSync('mkfifo', [join(dir, 'fifo')]);
  writeFileSync(Buffer.from(`${dir}/caf\xe9.txt`, 'latin1'), 'not read');
  assert.deepEqual(await listed(dir), {
    files: { 'a.txt': 'a' },
    refused: ['caf\ufffd.txt: its name is not UTF-8: rename it', 'fifo: neither a file nor a folder'],
  });
});

test('refuses bombs that do not declare their size: a zip without its list of files, a .tgz', async (t) => {
  const dir = tempDir(t);
  const zeros = deflateRawSync(Buffer.alloc(300 * 2 ** 20));
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(8, 8);
  for (const [name, flags] of [
    ['sizes-follow.zip', 8],
    ['cut.zip', 0],
  ] as const) {
    header.writeUInt16LE(flags, 6);
    header.writeUInt32LE(flags === 0 ? zeros.length * 2 : 0, 18);
    header.writeUInt16LE(5, 26);
    writeFileSync(join(dir, name), Buffer.concat([header, Buffer.from('a.txt'), zeros]));
    const { files, refused } = await openTree(join(dir, name), everything);
    const reasons = refused.map(({ reason }) => reason);
    for (const file of files)
      try {
        for await (const _ of file.chunks());
      } catch (error) {
        reasons.push((error as Error).message);
      }
    assert.match(reasons.join(), /bomb/, name);
  }
  const tgz = diskFile('x', '', 0);
  await assert.rejects(async () => {
    for await (const _ of tarFiles(tgz, Readable.from([gzipSync(Buffer.alloc(300 * 2 ** 20))]), 'gzip'));
  }, /^Error: refused: it unpacks to hundreds of times its size/);
});

test('lists or refuses a zip of arbitrary bytes, and never hangs', async (t) => {
  const dir = tempDir(t);
  const whole = zipOf([
    { name: 'a.txt', content: 'a'.repeat(500) },
    { name: 'b.txt', content: 'bcd', streamed: true },
    { name: 'c.txt', content: 'stored', stored: true },
  ]);
  let number = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      async (changes) => {
        const bytes = Buffer.from(whole);
        for (const [at, byte] of changes) bytes[at] = byte;
        const path = join(dir, `${++number}.zip`);
        writeFileSync(path, bytes);
        const { files, refused } = await listed(path);
        const good = Object.values(files).filter((content) => !content.startsWith('!'));
        // A complete file has one of the three contents. A missing file is reported or has another name.
        for (const content of good) assert.ok(['a'.repeat(500), 'bcd', 'stored', ''].includes(content), content);
        assert.ok(Object.keys(files).length + refused.length >= 1);
      },
    ),
    { numRuns: 150 },
  );
});
