import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { namesHidden, type PrivatePath } from '../../src/files/nameless-text.ts';
import { temporaryDir } from '../kit/temporary.ts';

const written = (...paths: string[]): PrivatePath[] => paths.map((path) => ({ written: path, onDisk: null }));

test('changes whole paths, and what is below them where it is quoted', () => {
  const hide = namesHidden(written('/home/ann/chats', './ann'));
  assert.equal(
    hide("EACCES: permission denied, open '/home/ann/chats/inbox/bo_1/x y.json' (ann)"),
    "EACCES: permission denied, open '/home/…/chats/inbox/…_1/….json' (ann)",
  );
  assert.equal(
    hide('./ann looks like text; ./anna, a./ann and ./ann-2 do not'),
    './… looks like text; ./anna, a./ann and ./ann-2 do not',
  );
  assert.equal(namesHidden(written('(b) [c]'))('a (b) [c]'), 'a (…) […]');
  assert.equal(namesHidden(written('./ann/'))('./ann/bo.txt:3: bad'), './…/….txt:3: bad');
});

test('leaves the words that follow a path alone, also in front of a quote', () => {
  const hide = namesHidden(written('/tmp/x/data/csv', './ann'));
  for (const [text, shown] of [
    ['skipped /tmp/x/data/csv/chat.csv:1: no column "Text" among the 4 of the first row', null],
    [
      './ann/chat.csv: file with the dates of a column "Zeit": a guess, because nothing decides the order',
      './…/chat.csv: file with the dates of a column "Zeit": a guess, because nothing decides the order',
    ],
    [
      "skipped ./ann/export/channels.json: it has no list of 'messages'",
      "skipped ./…/export/channels.json: it has no list of 'messages'",
    ],
    ['./ann/chat.csv and ./ann/part.csv have a column "when"', './…/chat.csv and ./…/part.csv have a column "when"'],
    ['"./ann/bo.zip/inner name.txt" has no "messages"', '"./…/….zip/….txt" has no "messages"'],
    ['./ann/bo.zip/inner.txt: not `format: csv`', './…/….zip/….txt: not `format: csv`'],
  ] as const)
    assert.equal(hide(text), shown ?? text.replace('/x/', '/…/'));
});

test('a path of one word is hidden only where a path stands', () => {
  const hide = namesHidden(written('people'));
  assert.equal(hide('12 messages, 3 people; skipped people'), '12 messages, 3 people; skipped people');
  assert.equal(hide('people'), '…');
  assert.equal(hide("source=people, open 'people/x'"), "source=…, open '…/…'");
});

test('knows from the disk where a path ends', (context) => {
  const dir = temporaryDir(context);
  mkdirSync(join(dir, "O'Brien: best, of"));
  for (const name of ["Ann' s chat (2).txt", 'Ann', 'Ann with Bo'])
    writeFileSync(join(dir, "O'Brien: best, of", name), '');
  const hide = namesHidden([{ written: './c', onDisk: dir }]);
  assert.equal(
    hide('skipped ./c/O\'Brien: best, of/Ann with Bo with no "names"'),
    'skipped ./…/…: …, of/… with … with no "names"',
  );
  assert.equal(
    hide("open './c/O'Brien: best, of/Ann' s chat (2).txt' failed"),
    "open './…/…: …, of/… chat (2).txt' failed",
  );
});
