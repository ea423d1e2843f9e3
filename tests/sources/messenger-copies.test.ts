import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Conversation } from '../../src/artifacts/conversations.ts';
import { likelyFormat } from '../../src/sources/formats.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { asMojibake, readSource, messageLines } from './read-source.ts';
import { zipOf } from './write-zip.ts';

/** Times count from here, because the flat form reads small numbers as seconds. */
const START = 1_700_000_000_000;
const text = (sender_name: string, time: number, content: string, more: object = {}) => ({
  sender_name,
  timestamp_ms: START + time,
  content,
  ...more,
});
const thread = (people: string[], ...messages: unknown[]) => ({
  participants: people.map((name) => ({ name })),
  messages,
  thread_path: 'x',
});
const flat = (people: string[], ...messages: unknown[]) => ({ participants: people, threadName: people[0], messages });
const flatText = (senderName: string, time: number, content: string, more: object = {}) => ({
  senderName,
  timestamp: START + time,
  text: content,
  type: 'text',
  isUnsent: false,
  media: [],
  reactions: [],
  ...more,
});

function written(t: TestContext, files: Record<string, unknown>): string {
  const dir = tempDir(t);
  writeFiles(dir, files);
  return dir;
}

const lines = (conversations: Conversation[]) =>
  conversations.map((conversation) => [conversation.id, ...messageLines(conversation)]);

test('reads the zip parts of one download together, with a thread in two of them, and a folder next to them', async (t) => {
  const root = 'your_facebook_activity/messages/inbox';
  const dir = written(t, {
    'facebook-1.zip': zipOf({
      [`${root}/ann_1/message_1.json`]: thread(['Ann', 'Ben'], text('Ben', 4, 'four'), text('Ann', 3, 'three')),
      [`${root}/ann_1/photos/1.jpg`]: 'no photo',
    }),
    'facebook-2.zip': zipOf({
      [`${root}/ann_1/message_2.json`]: thread(
        ['Ann', 'Ben'],
        text('Ben', 2, asMojibake('zwölf')),
        text('Ann', 1, 'one'),
      ),
      [`${root}/cy_2/message_1.json`]: thread(['Cy'], text('Cy', 1, 'c')),
    }),
    'facebook-3/your_facebook_activity/messages/archived_threads/dee_3/message_1.json': thread(
      ['Dee'],
      text('Dee', 1, 'd'),
    ),
    'facebook-4.zip': 'no zip at all',
  });
  const { conversations, tally } = await readSource('messenger', dir);
  assert.deepEqual(lines(conversations), [
    ['archived_threads/dee_3', 'Dee: d'],
    ['inbox/ann_1', 'Ann: one', 'Ben: zwölf', 'Ann: three', 'Ben: four'],
    ['inbox/cy_2', 'Cy: c'],
  ]);
  assert.deepEqual(tally.skipped.first, [
    { place: 'facebook-4.zip', reason: 'not a zip file, or cut off before its first file: download it again' },
  ]);
  assert.deepEqual([tally.dropped, tally.filesRead], [{ 'unreadable file': 1 }, 4]);
  assert.equal(await likelyFormat(dir), 'messenger');
  assert.deepEqual(lines((await readSource('messenger', join(dir, 'facebook-1.zip'))).conversations), [
    ['inbox/ann_1', 'Ann: three', 'Ben: four'],
  ]);
});

test('merges overlapping exports: keeps each message once, and real repetitions as such', async (t) => {
  const old = [
    text('Ann', 3, 'ok'),
    text('Ann', 3, 'ok'),
    text('Ben', 2, 'so?'),
    text('Ann', 1, 'hi', { sticker: {} }),
  ];
  const dir = written(t, {
    // The slug changes with the name of the person; the id does not.
    '2021/messages/inbox/ann_1234567890/message_1.json': thread(['Ann', 'Ben'], ...old),
    '2024/your_activity_across_facebook/messages/archived_threads/annsmith_1234567890/message_1.json': thread(
      ['Ann', 'Ben'],
      text('Ben', 9, 'new'),
      ...old,
    ),
    '2024/your_activity_across_facebook/messages/inbox/other_1234567891/message_1.json': thread(['Ann', 'Ben'], ...old),
  });
  const { conversations, tally } = await readSource('messenger', dir);
  assert.deepEqual(lines(conversations), [
    ['inbox/ann_1234567890', 'Ann: hi', 'Ben: so?', 'Ann: ok', 'Ann: ok', 'Ben: new'],
    ['inbox/other_1234567891', 'Ann: hi', 'Ben: so?', 'Ann: ok', 'Ann: ok'],
  ]);
  assert.deepEqual([tally.read, tally.kept, tally.dropped], [13, 9, { duplicate: 4 }]);
});

test('reads two copies of an export like one', async (t) => {
  const files = {
    'messages/inbox/ann_1/message_1.json': thread(['Ann', 'Ben'], text('Ben', 4, 'four'), text('Ann', 4, 'three')),
    'messages/inbox/ann_1/message_2.json': thread(['Ann', 'Ben'], text('Ann', 4, 'two'), text('Ann', 4, 'two'), {
      sender_name: 'Ann',
      timestamp_ms: 1,
      photos: [{}],
    }),
  };
  const once = await readSource('messenger', written(t, files));
  const twice = await readSource('messenger', written(t, { 'a.zip': zipOf(files), 'b.zip': zipOf(files) }));
  assert.deepEqual(twice.conversations, once.conversations);
  assert.deepEqual(twice.tally.dropped, { duplicate: 4, photo: 2 });
});

test('joins a flat end-to-end encrypted file to the thread of the same people, or else keeps it as a separate thread', async (t) => {
  const dir = written(t, {
    'facebook.zip': zipOf({
      'your_facebook_activity/messages/inbox/zoe_1/message_1.json': thread(
        [asMojibake('Zoë'), 'Ben'],
        text('Ben', 2, 'two'),
        text(asMojibake('Zoë'), 1, 'one'),
      ),
      'your_facebook_activity/messages/inbox/twin_2/message_1.json': thread(['Twin', 'Ben'], text('Twin', 1, 'which')),
      'your_facebook_activity/messages/inbox/twin_3/message_1.json': thread(['Twin', 'Ben'], text('Twin', 1, 'of us')),
    }),
    'messages.zip': zipOf({
      'Zoë_1.json': flat(
        ['Zoë', 'Ben'],
        flatText('Zoë', 3, 'three', { reactions: [{ actor: 'Ben', reaction: '👍' }] }),
        flatText('Ben', 2, 'two'),
        flatText('Zoë', 4, 'gone', { isUnsent: true }),
      ),
      'Twin_2.json': flat(['Ben', 'Twin'], flatText('Ben', 5, 'you')),
      'Dee_3.json': flat(
        ['Dee', 'Ben'],
        flatText('Dee', 7, '', { media: [{ uri: './media/x.mp4' }] }),
        flatText('Dee', 6, 'alone'),
        flatText('Dee', 5, 'Dee created the group', { type: 'placeholder' }),
      ),
      'media/x.mp4': 'x',
      '__MACOSX/._Dee_3.json': 'what a Mac adds',
    }),
  });
  const { conversations, tally } = await readSource('messenger', dir);
  assert.deepEqual(lines(conversations), [
    ['Dee_3', 'Dee: alone'],
    ['Twin_2', 'Ben: you'],
    ['inbox/twin_2', 'Twin: which'],
    ['inbox/twin_3', 'Twin: of us'],
    ['inbox/zoe_1', 'Zoë: one', 'Ben: two', 'Zoë: three'],
  ]);
  assert.equal(tally.skipped.count, 0);
  assert.deepEqual(tally.dropped, { duplicate: 1, unsent: 1, reaction: 1, video: 1, 'system line': 1 });
  assert.deepEqual(
    [...tally.noticed],
    [
      [
        'end-to-end encrypted thread joined to the ordinary one of the same people',
        { count: 1, first: 'messages.zip/Zoë_1.json' },
      ],
    ],
  );
});

test('prefers JSON to HTML for the same thread, and reports ignored HTML from another export', async (t) => {
  const dir = written(t, {
    'a/messages/inbox/ann_1/message_1.json': thread(['Ann'], text('Ann', 1, 'json')),
    'a/messages/inbox/ann_1/message_1.html': '<html>',
    'b/messages/inbox/ann_1/message_1.html': '<html>',
  });
  const { conversations, tally } = await readSource('messenger', dir);
  assert.deepEqual(lines(conversations), [['inbox/ann_1', 'Ann: json']]);
  assert.deepEqual([tally.read, tally.skipped.count], [1, 0]);
  assert.deepEqual(
    [...tally.noticed],
    [
      [
        'HTML file not read, because its thread is there as JSON',
        { count: 1, first: 'b/messages/inbox/ann_1/message_1.html' },
      ],
    ],
  );
});

test('reads Instagram exports from their own root; each app reads only its own files and hints at the other', async (t) => {
  const root = 'your_instagram_activity/messages';
  const dir = written(t, {
    'instagram.zip': zipOf({
      [`${root}/inbox/zoe_1/message_1.json`]: thread(
        ['zoe', 'Ben'],
        text('Ben', 3, 'Liked a message'),
        text('zoe', 2, 'zoe sent an attachment.', { share: { link: 'https://example.com/p/1' } }),
        text('Ben', 1, asMojibake('olá')),
      ),
      [`${root}/message_requests/who_2/message_1.json`]: thread(['who'], text('who', 1, 'hi')),
    }),
    'old/messages/inbox/zoe_3/message_1.json': thread(['zoe'], text('zoe', 1, 'old root')),
  });
  const { conversations, tally } = await readSource('instagram', join(dir, 'instagram.zip'));
  assert.deepEqual(lines(conversations), [
    ['inbox/zoe_1', 'Ben: olá'],
    ['message_requests/who_2', 'who: hi'],
  ]);
  assert.deepEqual(tally.dropped, { 'reaction line': 1, share: 1 });
  const linked = await readSource('instagram', join(dir, 'instagram.zip'), { messages: { shares: 'link' } });
  assert.deepEqual(messageLines(linked.conversations[0]!), ['Ben: olá', 'zoe: https://example.com/p/1']);
  assert.deepEqual((await readSource('messenger', join(dir, 'instagram.zip'))).conversations, []);
  assert.equal(await likelyFormat(join(dir, 'instagram.zip')), 'instagram');
  assert.equal((await readSource('instagram', join(dir, 'old'))).conversations.length, 1);
});

test('lists exports that are too old to read, with instructions', async (t) => {
  const dir = written(t, { 'html/messages.htm': '<html>', 'messages.json': [] });
  assert.deepEqual((await readSource('messenger', dir)).tally.skipped.first, [
    {
      place: 'html/messages.htm',
      reason: 'an export of before 2018, which is not read: ask Facebook for a new one, in JSON',
    },
  ]);
  assert.deepEqual((await readSource('instagram', dir)).tally.skipped.first, [
    {
      place: 'messages.json',
      reason: 'an export of before 2020, which is not read: ask Instagram for a new one, in JSON',
    },
  ]);
});

test('reports a thread that moved to end-to-end encryption, unless the rest of it is there', async (t) => {
  const moved = { 'messages/e2ee_cutover/zoe_1/message_1.json': thread(['Zoe', 'Ben'], text('Ben', 1, 'hi')) };
  const noticed = async (files: Record<string, unknown>) =>
    [...(await readSource('messenger', written(t, files))).tally.noticed.keys()].map((what) => what.slice(0, 40));
  assert.deepEqual(await noticed(moved), ['thread that went on end-to-end encrypted']);
  assert.deepEqual(await noticed({ ...moved, 'Zoe_1.json': flat(['Zoe', 'Ben'], flatText('Zoe', 2, 'there')) }), [
    'end-to-end encrypted thread joined to th',
  ]);
});
