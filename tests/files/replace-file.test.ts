import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { realDisk } from '../../src/files/disk.ts';
import type { Disk } from '../../src/files/disk.ts';
import { writeFileDurably } from '../../src/files/file-writer.ts';
import { pointLink } from '../../src/files/point-link.ts';
import { prepareFile, replaceFile, replaceFileDurably } from '../../src/files/replace-file.ts';
import { publishFile, publishFolder } from '../../src/files/sync.ts';
import { tempDir } from '../artifacts/on-disk.ts';

test('replaces a whole file and leaves nothing else in its folder', (t) => {
  const dir = tempDir(t);
  const path = join(dir, 'a.json');
  for (const replace of [replaceFile, replaceFileDurably])
    for (const content of ['long enough', 'short', Buffer.from('bytes')]) {
      replace(path, content);
      assert.deepEqual(readFileSync(path), Buffer.from(content));
      assert.deepEqual(readdirSync(dir), ['a.json']);
    }
});

test('leaves a file unchanged if it cannot be replaced; the error names it and has the system’s code', (t) => {
  const dir = tempDir(t);
  const path = join(dir, 'a');
  mkdirSync(join(path, 'in the way'), { recursive: true });
  assert.throws(
    () => replaceFile(path, 'x'),
    (error: NodeJS.ErrnoException) =>
      error.message.startsWith(`cannot write ${path}: `) && /^(EISDIR|ENOTEMPTY|EEXIST)$/.test(error.code ?? ''),
  );
  assert.throws(() => replaceFileDurably(path, 'x'));
  assert.deepEqual(readdirSync(dir), ['a'], 'no temporary file remains');
});

test('syncs a prepared file before renaming it', (t) => {
  const dir = tempDir(t);
  const operations: string[] = [];
  const disk: Disk = {
    ...realDisk,
    sync(file) {
      operations.push('sync');
      realDisk.sync(file);
    },
    rename(from, to) {
      operations.push('rename');
      realDisk.rename(from, to);
    },
  };
  const rename = prepareFile(join(dir, 'a'), 'x', disk);
  assert.deepEqual([operations, existsSync(join(dir, 'a'))], [['sync'], false]);
  rename();
  assert.deepEqual([operations, readFileSync(join(dir, 'a'), 'utf8')], [['sync', 'rename'], 'x']);
});

test('leaves nothing if the content of a durable file fails', async (t) => {
  const dir = tempDir(t);
  const fill = (write: (bytes: Uint8Array) => void): void => {
    write(Buffer.from('half'));
    throw new Error('no more');
  };
  await assert.rejects(writeFileDurably(join(dir, 'a'), fill), /^Error: no more$/);
  assert.deepEqual(readdirSync(dir), []);
  await writeFileDurably(join(dir, 'a'), async (write) => write(Buffer.from('whole')));
  assert.equal(readFileSync(join(dir, 'a'), 'utf8'), 'whole');
  assert.deepEqual(readdirSync(dir), ['a']);
});

test('publishes finished files and folders, and creates and replaces links', (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'old'), 'old');
  writeFileSync(join(dir, 'new'), 'new');
  publishFile(join(dir, 'new'), join(dir, 'old'));
  assert.equal(readFileSync(join(dir, 'old'), 'utf8'), 'new');
  mkdirSync(join(dir, 'made', 'deep'), { recursive: true });
  writeFileSync(join(dir, 'made', 'deep', 'x'), '');
  publishFolder(join(dir, 'made'), join(dir, 'folder'));
  assert.deepEqual(readdirSync(dir).sort(), ['folder', 'old']);
  for (const target of ['folder', 'old']) {
    pointLink(join(dir, 'links', 'latest'), target);
    assert.equal(readlinkSync(join(dir, 'links', 'latest')), target);
  }
  assert.deepEqual(readdirSync(join(dir, 'links')), ['latest']);
});
