import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { sniffFormat } from '../../src/sources/sniff-format.ts';
import { describeUnrecognized } from '../../src/sources/unrecognized.ts';
import { tarOf } from '../soak/chat-logs.ts';

const LOG = '30.12.21, 10:00 - Ann: one\n30.12.21, 10:01 - Bo: two\n';

test('takes an archive for the Ubuntu corpus only if it holds dialogues', () => {
  const corpus = tarOf({ 'dialogs/3/1.tsv': 'x' });
  const chats = tarOf({ 'wa/chat.txt': LOG, 'wa/other.txt': LOG });
  assert.deepEqual([corpus, gzipSync(corpus)].map(sniffFormat), ['ubuntu', 'ubuntu']);
  for (const archive of [
    chats,
    gzipSync(chats),
    gzipSync(Buffer.from(LOG)),
    Buffer.from('7z\xbc\xaf\x27\x1c', 'latin1'),
  ]) {
    assert.equal(sniffFormat(archive), null);
    assert.match(describeUnrecognized(archive)!.saw, /an archive of a kind that is not read/);
  }
});

test("recognizes a log with a few zeros in it, and no program's own file", () => {
  assert.equal(sniffFormat(Buffer.from(LOG.replace('one', 'o\0ne'))), 'whatsapp');
  assert.equal(sniffFormat(Buffer.concat([Buffer.alloc(512), Buffer.from(LOG)])), 'whatsapp');
  const own = Buffer.concat([
    Buffer.from('SQLite format 3\0'),
    Buffer.from(Array.from({ length: 200 }, (_, i) => i % 8)),
  ]);
  assert.equal(sniffFormat(own), null);
  assert.match(describeUnrecognized(own)!.saw, /own file, not text/);
});
