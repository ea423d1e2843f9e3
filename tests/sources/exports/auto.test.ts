import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { likelyFormat } from '../../../src/sources/formats.ts';
import { mixedFormats } from '../../../src/sources/mixed-formats.ts';
import { tempDir, writeFiles } from '../../artifacts/on-disk.ts';
import { APP_CORPORA } from '../../soak/app-exports.ts';
import { zipOf } from '../write-zip.ts';

/** What the exports hold besides messages. */
const COMPANIONS: Record<string, Record<string, string>> = {
  slack: {
    'groups.json': '[]',
    'dms.json': '[{"id": "D1", "members": ["U0", "U1"]}]',
    'integration_logs.json': '[{"user_id": "U0"}]',
    'general/2023-02-01.json': '[]',
    'general/canvas_in_the_conversation.json': '[{"id": "F1", "title": "Plan"}]',
  },
  'google-chat': {
    'Groups/DM 1/File-notes.txt': 'Once upon a time\n',
    'Users/User 1/user_info.json': '{"user": {"name": "Ann"}, "membership_info": []}',
  },
  'signal-desktop': { 'metadata.json': '{"version":1}', 'files/ab/ab.txt': 'Once upon a time\n' },
  telegram: {
    'css/style.css': 'body {}',
    'files/notes.txt': 'Once upon a time\n',
    'files/data.json': '{"a": 1}',
    'lists/contacts.html': '<html><body><div class="page_wrap"></div></body></html>',
  },
};

test('recognizes each export in a folder, as a zip and as a file, with all that belongs to it', async (t) => {
  for (const { name, format, files } of APP_CORPORA) {
    const dir = tempDir(t);
    const whole = { ...files, ...COMPANIONS[format] };
    writeFiles(join(dir, 'folder'), whole);
    writeFiles(dir, { 'export.zip': zipOf(whole) });
    const places = [join(dir, 'folder'), ...(name.includes('zip') ? [] : [join(dir, 'export.zip')])];
    for (const path of places) {
      assert.equal(await likelyFormat(path), format, `${name}: ${path}`);
      assert.deepEqual(await mixedFormats(path, format), [], `${name}: ${path}`);
    }
    const [first] = Object.keys(files);
    if (!first!.endsWith('.zip')) assert.equal(await likelyFormat(join(dir, 'folder', first!)), format, name);
    if (dirname(first!) !== '.' && !first!.endsWith('.zip'))
      assert.equal(await likelyFormat(join(dir, 'folder', dirname(first!))), format, name);
  }
});

test('does not hide a chat of another app beside an export', async (t) => {
  for (const { format, files } of APP_CORPORA) {
    const dir = tempDir(t);
    writeFiles(dir, { ...files, 'other/chat.txt': '31.12.19, 23:59 - Ann: hi\n31.12.19, 23:59 - Ben: ho\n' });
    assert.equal((await mixedFormats(dir, format)).length, 2, format);
  }
});
