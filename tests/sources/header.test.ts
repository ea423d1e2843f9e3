import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsHint, firstRow, headerOf, headerText } from '../../src/sources/tables/header.ts';

const hintOf = (header: string): string => columnsHint(headerOf(firstRow(Buffer.from(`${header}\n`))));

test('guesses the columns with sender, time and text, by the words that people use', () => {
  for (const [header, hint] of [
    ['name,date,message', 'columns: { from: name, time: date, text: message }'],
    ['id;who;when;said', 'columns: { from: who, time: when, text: said }'],
    [
      '"Sender Name"\t"Sent At"\t"Message Text"',
      'columns: { from: "Sender Name", time: "Sent At", text: "Message Text" }',
    ],
    ['folder,dialogueID,date,from,to,text', 'columns: { from: from, time: date, text: text }'],
    ['timestamp,userName,content', 'columns: { from: userName, time: timestamp, text: content }'],
    ['sep=;\nbody;author\n', 'columns: { from: author, text: body }'],
    ['Datum;Absender;Nachricht', 'columns: { from: Absender, time: Datum, text: Nachricht }'],
  ] as const)
    assert.equal(hintOf(header), hint);
});

test('without a column that must hold the text, or without a header, there is only an example', () => {
  assert.match(hintOf('date,name'), /^columns: \{ from: name, time: date, text: message \}, with its own names$/);
  assert.match(hintOf('2020-01-01,Ann,hello'), /, with a first row of these names in the file$/);
});

test('shows no word of a first row but usual names of columns: others may be people or texts', () => {
  for (const [row, shown] of [
    ['date,Ann Lee,Ben', 'its columns are "date" and 2 others'],
    ['2020-01-01 10:00,Ann,my message to you', 'its first row does not look like names of columns'],
    ['name,message,Ann', 'its columns are "name", "message" and 1 other'],
  ] as const)
    assert.equal(headerText(headerOf(firstRow(Buffer.from(row)))), shown);
});
