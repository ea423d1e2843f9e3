import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { filesBelow } from '../../src/sources/files-below.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';

test('files come sorted by their place, whatever the disk says', (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'z.txt': '', 'a/x.txt': 'four', 'a.txt': '', 'B.TXT': '', 'a/y/d.txt': '', 'é.txt': '', 'no.md': '' });
  assert.deepEqual(filesBelow(dir, '.txt').map(({ place }) => place), ['B.TXT', 'a.txt', 'a/x.txt', 'a/y/d.txt', 'z.txt', 'é.txt']);
  assert.deepEqual(filesBelow(join(dir, 'a/x.txt'), '.jsonl'), [{ path: join(dir, 'a/x.txt'), place: '', bytes: 4 }]);
});

test('links are followed, loops and dangling ones are not', (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'real/x.txt': '' });
  mkdirSync(join(dir, 'export'));
  symlinkSync(join(dir, 'real'), join(dir, 'export/linked'));
  symlinkSync(join(dir, 'gone'), join(dir, 'export/dangling.txt'));
  assert.deepEqual(filesBelow(join(dir, 'export'), '.txt').map(({ place }) => place), ['linked/x.txt']);
  symlinkSync(dir, join(dir, 'loop'));
  assert.ok(filesBelow(dir, '.txt').length < 50);
});
