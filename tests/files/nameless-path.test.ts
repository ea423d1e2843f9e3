import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namelessPath } from '../../src/files/nameless-path.ts';

test('hides people in the names of files and folders, and keeps the words of exporters, dates and line numbers', () => {
  for (const [path, shown] of [
    ['WhatsApp Chat with Ann Miller.txt', 'WhatsApp Chat with ….txt'],
    ['WhatsApp-Chat mit Jürgen Groß.zip/_chat.txt:12', 'WhatsApp-Chat ….zip/_chat.txt:12'],
    ['inbox/annmiller_1/message_1.json', 'inbox/…_1/message_1.json'],
    ['messages/inbox/annmiller_1234567890123/message_2.json', 'messages/inbox/…/message_2.json'],
    ['WhatsApp Chat with +49 170 1234567.txt', 'WhatsApp Chat with ….txt'],
    ["O'Brien.csv", '….csv'],
    ['Мария.txt', '….txt'],
    ['陳大文 😀.json', '….json'],
    ['ChatExport_2024-01-31/messages12.html', 'ChatExport_2024-01-31/messages12.html'],
    ['../data/train.jsonl', '../data/train.jsonl'],
    ['/home/ann/chats', '/home/…/chats'],
  ])
    assert.equal(namelessPath(path!), shown);
});
