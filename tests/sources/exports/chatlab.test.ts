import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { likelyFormat } from '../../../src/sources/formats.ts';
import { tempDir, writeFiles } from '../../artifacts/on-disk.ts';
import { messageLines, readSource } from '../read-source.ts';

const message = (second: number, sender: string, accountName: string, type: number, content: string | null) => ({
  sender,
  accountName,
  timestamp: 1703001600 + second,
  type,
  content,
});
const chat = {
  chatlab: { version: '0.0.2', exportedAt: 1703001600, generator: 'a converter' },
  meta: { name: '测试群', platform: 'qq', type: 'group', groupId: '38988428513' },
  members: [
    { platformId: 'a1', accountName: 'Ann', groupNickname: 'Admin-Ann' },
    { platformId: 'b2', accountName: '阿本' },
    { platformId: 'c3', accountName: 'Ann' },
  ],
  messages: [
    message(0, 'a1', 'Ann', 0, 'hello [图片] everyone'),
    message(1, 'b2', '阿本 (old name)', 25, '你好！'),
    message(2, 'c3', 'Ann', 0, 'me too'),
    message(3, 'b2', '阿本', 1, '[图片]'),
    message(4, 'b2', '阿本', 5, null),
    message(5, 'b2', '阿本', 23, '[通话] 01:02'),
    message(6, 'a1', 'Ann', 7, 'A page https://a.b'),
    message(7, 'a1', 'Ann', 26, '[聊天记录]'),
    message(8, 'SYSTEM', '系统消息', 80, '阿本 joined'),
    message(9, 'a1', 'Ann', 81, 'Ann recalled a message'),
    message(10, 'a1', 'Ann', 99, '[其他消息]'),
    message(11, 'a1', 'Ann', 99, 'words of a kind that is not known'),
  ],
};
const lines = [
  '# written by a converter',
  JSON.stringify({ _type: 'header', chatlab: chat.chatlab, meta: chat.meta }),
  ...chat.members.map((member) => JSON.stringify({ _type: 'member', ...member })),
  '',
  ...chat.messages.map((line) => JSON.stringify({ _type: 'message', ...line })),
].join('\n');
const read = [
  'Ann: hello [图片] everyone',
  '阿本: 你好！',
  'Ann (c3): me too',
  'Ann: words of a kind that is not known',
];

test('reads JSON, indented or not, and JSONL alike', async (t) => {
  for (const [name, content] of Object.entries({
    'a.json': JSON.stringify(chat),
    'b.json': JSON.stringify(chat, null, 2),
    'c.jsonl': lines,
  })) {
    const dir = tempDir(t);
    writeFiles(dir, { [name]: content });
    assert.equal(await likelyFormat(join(dir, name)), 'chatlab', name);
    assert.equal(await likelyFormat(dir), 'chatlab', name);
    const { conversations, tally } = await readSource('chatlab', join(dir, name));
    assert.deepEqual(
      conversations.map(({ id }) => id),
      ['38988428513'],
    );
    assert.deepEqual(messageLines(conversations[0]!), read, name);
    assert.equal(conversations[0]!.messages[0]!.time, 1703001600000);
    assert.deepEqual(tally.dropped, { photo: 1, sticker: 1, call: 1, share: 1, 'system line': 1, unsent: 1, empty: 2 });
  }
});

test('reads other versions: ids as numbers, times in milliseconds, no members', async (t) => {
  const dir = tempDir(t);
  const old = `{"chatlab": {"version": "1"}, "meta": {"name": "x", "type": "private"}, "messages": [
    {"sender": 9007199254740993, "accountName": "Ann", "timestamp": 1703001600123, "type": 0, "content": "one"},
    {"sender": 9007199254740995, "accountName": "Ann", "timestamp": 1703001601, "content": "two"}]}`;
  writeFiles(dir, { 'x.json': old });
  const { conversations } = await readSource('chatlab', dir);
  assert.deepEqual(messageLines(conversations[0]!), ['Ann: one', 'Ann (9007199254740995): two']);
  assert.deepEqual(
    conversations[0]!.messages.map(({ time }) => time),
    [1703001600123, 1703001601000],
  );
});

test('honours the choices', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'x.json': chat });
  const { conversations } = await readSource('chatlab', dir, {
    messages: {
      calls: 'placeholder',
      stickers: 'placeholder',
      media: 'placeholder',
      shares: 'text',
      system: 'keep',
      forwarded: 'drop',
    },
  });
  assert.deepEqual(messageLines(conversations[0]!), [
    ...read.slice(0, 3),
    '阿本: [photo]',
    '阿本: [sticker]',
    '阿本: [call]',
    'Ann: https://a.b A page',
    '系统消息: 阿本 joined',
    read[3],
  ]);
});
