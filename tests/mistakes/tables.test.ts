import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runRunner } from '../kit/runner.ts';
import { RIGHT, edited, somewhere } from './kit.ts';
import type { Edit } from './kit.ts';

const COLUMNS = 'columns: { from: name, time: date, text: message }';

/** What is wrong with the table or its columns; what the failed stage prints; what is pasted into the file. */
const mistakes: { title: string; table?: string; wrong: Edit[]; message: string; paste: Edit[] }[] = [
  {
    title: 'a column that is not there',
    wrong: [['text: message', 'text: body']],
    message: `no conversations in ./….csv: 1 file read, 1 record found, none kept; dropped 1 (1 unreadable file); ./….csv:1: no column "body": its columns are "name", "date", "message"
        hint: name the columns that are there: ${COLUMNS}`,
    paste: [['columns: { from: name, time: date, text: body }', COLUMNS]],
  },
  {
    title: 'no format and no columns',
    wrong: [[`      format: csv\n      ${COLUMNS}\n`, '']],
    message: `./….csv looks like a table; its columns are "name", "date", "message"
        hint: add to the params: ${COLUMNS}`,
    paste: [['source: ./comedy.csv', `source: ./comedy.csv\n      ${COLUMNS}`]],
  },
  {
    title: 'other columns',
    table: 'id;who;when;said\n1;Ann;2020-01-01 10:00;hello there\n',
    wrong: [[`      format: csv\n      ${COLUMNS}\n`, '']],
    message: `./….csv looks like a table; its columns are "id", "who", "when", "said"
        hint: add to the params: columns: { from: who, time: when, text: said }`,
    paste: [['source: ./comedy.csv', 'source: ./comedy.csv\n      columns: { from: who, time: when, text: said }']],
  },
];

for (const { title, table, wrong, message, paste } of mistakes)
  test(`a table: ${title}`, async (context) => {
    const here = somewhere(context);
    if (table !== undefined) writeFileSync(join(here, 'comedy.csv'), table);
    const text = edited(RIGHT, wrong);
    writeFileSync(join(here, 'comedy.yaml'), text);
    const failed = await runRunner(['run', 'comedy.yaml', 'chat'], join(here, 'runs'));
    assert.equal(failed.code, 1);
    const [, shown = failed.stdout] =
      /✗ chat +failed +[\d.:]+ ?s?\n {6}([^]*?)\n\nfailed after/.exec(failed.stdout) ?? [];
    assert.equal(shown, message);
    writeFileSync(join(here, 'comedy.yaml'), edited(text, paste));
    const { code, stdout } = await runRunner(['run', 'comedy.yaml', 'chat'], join(here, 'runs'));
    assert.equal(code, 0, stdout);
  });

test('a table without a header: none of its words is shown', async (context) => {
  const here = somewhere(context);
  writeFileSync(join(here, 'comedy.csv'), 'Zoë,2020-01-01 10:00,a secret\nBen,2020-01-01 10:01,another\n');
  writeFileSync(join(here, 'comedy.yaml'), RIGHT);
  const { code, stdout } = await runRunner(['run', 'comedy.yaml', 'chat'], join(here, 'runs'));
  assert.equal(code, 1);
  assert.match(stdout, /no column "message": its first row does not look like names of columns\n/);
  assert.match(stdout, /hint: name the columns .*, with a first row of these names in the file\n/);
  assert.doesNotMatch(stdout, /Zoë|secret|another/);
});
