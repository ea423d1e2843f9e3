import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { likelyFormat } from '../../src/sources/formats.ts';
import { CORPORA } from '../soak/corpora.ts';
import { NO_SHARED_DATA, sharedData, tempDir, writeFiles } from '../artifacts/on-disk.ts';

test('recognizes every supported format, as a folder and as a single file', async (t) => {
  for (const { name, format, files } of CORPORA) {
    const dir = tempDir(t);
    writeFiles(dir, files);
    if (name === 'html strange') continue;
    assert.equal(await likelyFormat(dir), format, name);
    if (format !== 'messenger' && format !== 'instagram')
      assert.equal(await likelyFormat(join(dir, Object.keys(files)[0]!)), format, name);
  }
});

test('recognizes nothing in unsupported input', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, {
    'a/x.png': Buffer.from([0x89, 0x50, 0, 0, 0]),
    'b.txt': 'Dear all, this is prose, with commas, in it.\nAnd more, of it, here.\n',
    'c.txt': '',
    'd.json': '[1, 2]',
  });
  assert.deepEqual(await Promise.all(['a', 'a/x.png', 'b.txt', 'c.txt'].map((name) => likelyFormat(join(dir, name)))), [
    null,
    null,
    'text',
    null,
  ]);
});

test('recognizes the real data in the shared folder', async (t) => {
  if (!sharedData('ubuntu-irc')) return t.skip(NO_SHARED_DATA);
  assert.equal(await likelyFormat(sharedData('ubuntu-irc')!), 'ubuntu');
  assert.equal(await likelyFormat(sharedData('self-dialogue')!), 'jsonl');
});
