import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { likelyFormat } from '../../../src/sources/formats.ts';
import { tempDir, writeFiles } from '../../artifacts/on-disk.ts';
import { messageLines, readSource } from '../read-source.ts';

const item = (minute: number, chatId: string, authorId: string, more: object) => ({
  chatItem: {
    chatId,
    authorId,
    dateSent: String(Date.UTC(2023, 0, 30, 20, minute)),
    ...(authorId === '1' ? { outgoing: { dateReceived: '0' } } : { incoming: { read: true } }),
    ...more,
  },
});
const words = (body: string, more: object = {}) => ({ standardMessage: { text: { body }, ...more } });
const frames = [
  { version: '1', backupTimeMs: '1675108140000', mediaRootBackupKey: 'AAAA', currentAppVersion: 'Desktop 8.0.0' },
  { account: { givenName: 'Ann', familyName: 'Example', profileKey: 'AAAA' } },
  { recipient: { id: '1', self: {} } },
  {
    recipient: {
      id: '2',
      contact: { aci: 'QkVO', e164: '491510000000', profileGivenName: 'Ben', systemGivenName: 'Benny' },
    },
  },
  { recipient: { id: '3', contact: { e164: '491510000001' } } },
  { recipient: { id: '4', group: { snapshot: { title: { title: 'Cats' } } } } },
  { recipient: { id: '5', releaseNotes: {} } },
  { chat: { id: '2', recipientId: '2' } },
  { chat: { id: '4', recipientId: '4' } },
  item(0, '2', '1', words('hello')),
  item(
    1,
    '4',
    '3',
    words('\ufffc are you there?', {
      text: { body: '\ufffc are you there?', bodyRanges: [{ start: 0, length: 1, mentionAci: 'QkVO' }] },
    }),
  ),
  item(
    2,
    '2',
    '2',
    words('hi\nthere', { reactions: [{ emoji: '❤', authorId: '1', sentTimestamp: '1' }], revisions: [] }),
  ),
  item(3, '2', '2', { stickerMessage: { sticker: { emoji: '🐱' } } }),
  item(4, '2', '2', {
    standardMessage: { attachments: [{ pointer: { contentType: 'audio/aac' }, flag: 'VOICE_MESSAGE' }] },
  }),
  item(5, '2', '1', words('my cat', { attachments: [{ pointer: { contentType: 'image/jpeg' } }] })),
  item(6, '2', '2', { remoteDeletedMessage: {} }),
  item(7, '2', '2', { updateMessage: { individualCall: { type: 'AUDIO_CALL', state: 'ACCEPTED' } } }),
  item(8, '4', '1', { updateMessage: { groupChange: { updates: [{}] } } }),
  item(9, '2', '1', words('see https://a.b', { linkPreview: [{ url: 'https://a.b', title: 'A page' }] })),
];
const lines = frames.map((frame) => JSON.stringify(frame)).join('\n');

test('reads chats and groups with the names that Signal shows', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'main.jsonl': lines, 'metadata.json': { version: 1 }, 'files/00/x.jpg': 'x' });
  assert.equal(await likelyFormat(dir), 'signal-desktop');
  assert.equal(await likelyFormat(join(dir, 'main.jsonl')), 'signal-desktop');
  const { conversations, tally } = await readSource('signal-desktop', join(dir, 'main.jsonl'));
  assert.deepEqual(
    Object.fromEntries(conversations.map((conversation) => [conversation.id, messageLines(conversation)])),
    {
      'Cats#4': ['+491510000001: @Benny are you there?'],
      'Benny#2': ['Ann Example: hello', 'Benny: hi\nthere', 'Ann Example: my cat', 'Ann Example: see https://a.b'],
    },
  );
  assert.equal(conversations.find(({ id }) => id === 'Benny#2')!.messages[0]!.time, Date.UTC(2023, 0, 30, 20));
  assert.deepEqual(tally.dropped, { reaction: 1, sticker: 1, audio: 1, unsent: 1, call: 1, 'system line': 1 });
});

test('honours the choices; a damaged line is skipped', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'main.jsonl': `${lines}\n{"chatItem":` });
  const { conversations, tally } = await readSource('signal-desktop', dir, {
    messages: {
      calls: 'placeholder',
      stickers: 'placeholder',
      media: 'placeholder',
      captions: 'drop',
      shares: 'text',
      reactions: 'message',
    },
  });
  assert.deepEqual(messageLines(conversations.find(({ id }) => id === 'main.jsonl#Benny#2')!), [
    'Ann Example: hello',
    'Benny: hi\nthere',
    'Ann Example: [reacted ❤]',
    'Benny: [sticker]',
    'Benny: [audio]',
    'Benny: [call]',
    'Ann Example: see https://a.b A page',
  ]);
  assert.deepEqual(tally.skipped.first, [{ place: `main.jsonl:${frames.length + 1}`, reason: 'not JSON' }]);
});
