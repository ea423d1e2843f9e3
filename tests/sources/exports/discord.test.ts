import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tempDir, writeFiles } from '../../artifacts/on-disk.ts';
import { messageLines, readSource } from '../read-source.ts';

const ann = { id: '9007199254740993', name: 'ann', discriminator: '0000', nickname: 'Ann', isBot: false };
const ben = { id: '9007199254740995', name: 'ben', discriminator: '0000', nickname: 'Ben', isBot: false };
const otherAnn = { id: '3', name: 'ann_b', discriminator: '0000', nickname: 'Ann', isBot: false };
const bot = { id: '4', name: 'helper', discriminator: '1234', nickname: 'Helper', isBot: true };
const message = (minute: number, author: object, content: string, more: object = {}) => ({
  id: `8${minute}`,
  type: 'Default',
  timestamp: `2023-01-30T20:${40 + minute}:07.123+02:00`,
  timestampEdited: null,
  isPinned: false,
  content,
  author,
  attachments: [],
  embeds: [],
  stickers: [],
  reactions: [],
  mentions: [],
  ...more,
});
const channel = (messages: unknown[], more: object = {}) => ({
  guild: { id: '0', name: 'Direct Messages' },
  channel: { id: '811111111111111112', type: 'DirectTextChat', name: 'ben', ...more },
  dateRange: { after: null, before: null },
  exportedAt: '2024-01-01T00:00:00+00:00',
  messages,
  messageCount: messages.length,
});
const attachment = (fileName: string) => ({ id: '1', url: `https://cdn/${fileName}`, fileName, fileSizeBytes: 1 });
const heart = {
  emoji: { id: '', name: '❤', code: 'heart', isAnimated: false },
  count: 3,
  users: [ben, bot].map(({ id, name, nickname }) => ({ id, name, nickname })),
};

const everything = [
  message(0, ann, 'hello <@9007199254740995> <:wave:123>', { mentions: [ben], reactions: [heart] }),
  message(1, ben, 'hi\nthere', { type: 'Reply', reference: { messageId: '80' } }),
  message(2, otherAnn, 'me too'),
  message(3, ann, '', { attachments: [attachment('cat.png')] }),
  message(4, ann, 'my cat', { attachments: [attachment('cat.mp4')] }),
  message(5, ben, '', { stickers: [{ id: '1', name: 's' }] }),
  message(6, ben, 'Started a call that lasted 3 minutes.', { type: 'Call' }),
  message(7, ben, 'Pinned a message.', { type: 'ChannelPinnedMessage' }),
  message(8, ann, '', {
    reference: { type: 'Forward' },
    forwardedMessage: { timestamp: '2023-01-01T00:00:00+00:00', content: 'words of another', attachments: [] },
  }),
  message(9, ben, 'see https://a.b', { embeds: [{ title: 'A page', url: 'https://a.b', description: 'about b' }] }),
  message(10, bot, '', { embeds: [{ title: 'News', url: '', description: 'of today' }] }),
];

test('reads names, times with their zone, mentions and every kind of message', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'dm.json': channel(everything) });
  const { conversations, tally } = await readSource('discord', dir);
  assert.deepEqual(
    conversations.map(({ id }) => id),
    ['dm.json#811111111111111112'],
  );
  assert.deepEqual(messageLines(conversations[0]!), [
    'Ann: hello @Ben :wave:',
    'Ben: hi\nthere',
    'Ann (ann_b): me too',
    'Ann: my cat',
    'Ann: words of another',
    'Ben: see https://a.b',
  ]);
  assert.equal(conversations[0]!.messages[0]!.time, Date.UTC(2023, 0, 30, 18, 40, 7, 123));
  assert.deepEqual(tally.dropped, { reaction: 3, photo: 1, sticker: 1, call: 1, 'system line': 1, share: 1 });
});

test('honours the choices about messages that are not plain text', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'dm.json': channel(everything) });
  const { conversations, tally } = await readSource('discord', dir, {
    messages: {
      calls: 'placeholder',
      stickers: 'placeholder',
      media: 'placeholder',
      captions: 'drop',
      shares: 'text',
      forwarded: 'drop',
      reactions: 'message',
      system: 'keep',
    },
  });
  assert.deepEqual(messageLines(conversations[0]!), [
    'Ann: hello @Ben :wave:',
    'Ben: [reacted ❤]',
    'Helper: [reacted ❤]',
    'Ben: hi\nthere',
    'Ann (ann_b): me too',
    'Ann: [photo]',
    'Ben: [sticker]',
    'Ben: [call]',
    'Ben: Pinned a message.',
    'Ben: see https://a.b A page about b',
    'Helper: News of today',
  ]);
  assert.deepEqual(tally.dropped, { reaction: 1, caption: 1, forwarded: 1 });
  assert.equal(tally.noticed.get('message of a bot')?.count, 1);
});

test('puts an export with the newest message first in order; a truncated file yields what is before the break', async (t) => {
  const dir = tempDir(t);
  const reversed = JSON.stringify(
    channel([message(2, ben, 'two'), message(1, ann, 'one'), message(0, ann, 'zero')]),
    null,
    2,
  );
  writeFiles(dir, {
    'a.json': reversed,
    'b.json': reversed.slice(0, reversed.indexOf('zero')),
    'c.json': '{"guild": {}}',
  });
  const { conversations, tally } = await readSource('discord', dir);
  assert.deepEqual(conversations.map(messageLines), [
    ['Ann: zero', 'Ann: one', 'Ben: two'],
    ['Ann: one', 'Ben: two'],
  ]);
  assert.deepEqual(
    tally.skipped.first.map(({ place, reason }) => `${place}: ${reason}`),
    ['b.json: cut off: the JSON ends too early', 'c.json: it has no list "messages"'],
  );
});
