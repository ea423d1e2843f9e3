import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { likelyFormat } from '../../../src/sources/formats.ts';
import { tempDir, writeFiles } from '../../artifacts/on-disk.ts';
import { messageLines, readSource } from '../read-source.ts';
import { zipOf } from '../write-zip.ts';

const ann = { name: 'Ann Example', email: 'Ann@example.com', user_type: 'Human' };
const ben = { name: 'Ben Example', email: 'ben@example.com', user_type: 'Human' };
const message = (minute: number, creator: object, text: string | undefined, more: object = {}) => ({
  creator,
  created_date: `Monday, January 30, 2023 at 8:${minute}:07\u202fPM UTC`,
  ...(text === undefined ? {} : { text }),
  topic_id: `t${minute}`,
  message_id: `x/t${minute}/t${minute}`,
  ...more,
});
const url = { private_do_not_access_or_else_safe_url_wrapped_value: 'https://a.b' };
const messages = [
  message(40, ann, 'hello\nBen', {
    reactions: [{ emoji: { unicode: '👍' }, reactor_emails: ['ben@example.com', 'x@y.z'] }],
  }),
  message(41, ben, undefined, { attached_files: [{ original_name: 'cat.png', export_name: 'File-cat.png' }] }),
  message(42, ben, 'my cat', { attached_files: [{ original_name: 'cat.mp4', export_name: 'File-cat.mp4' }] }),
  message(43, ann, undefined, { message_state: 'DELETED', deletion_metadata: { deletion_type: 'CREATOR' } }),
  message(44, ann, undefined, {
    annotations: [{ gsuite_integration_metadata: { call_data: { call_status: 'CALL_ENDED' } } }],
  }),
  message(45, ben, 'see https://a.b', { annotations: [{ url_metadata: { title: 'A page', snippet: 'about', url } }] }),
  message(46, { name: 'Builder', user_type: 'Bot' }, 'built'),
];
const group = { name: 'Group Chat', members: [ann, ben] };

test('reads the groups of a Takeout, unpacked and as a zip', async (t) => {
  const dir = tempDir(t);
  const files = {
    'Takeout/Google Chat/Groups/DM 1/group_info.json': group,
    'Takeout/Google Chat/Groups/DM 1/messages.json': { messages },
    'Takeout/Google Chat/Groups/Space 2/messages.json': { messages: [message(40, ann, 'in a space')] },
    'Takeout/Google Chat/Users/User 1/user_info.json': { user: ann },
  };
  writeFiles(join(dir, 'folder'), files);
  writeFiles(dir, { 'takeout.zip': zipOf(files) });
  for (const path of [join(dir, 'folder'), join(dir, 'takeout.zip')]) {
    assert.equal(await likelyFormat(path), 'google-chat');
    const { conversations, tally } = await readSource('google-chat', path);
    assert.deepEqual(
      conversations.map((conversation) => [conversation.id, ...messageLines(conversation)]),
      [
        ['DM 1', 'Ann Example: hello\nBen', 'Ben Example: my cat', 'Ben Example: see https://a.b', 'Builder: built'],
        ['Space 2', 'Ann Example: in a space'],
      ],
    );
    assert.equal(conversations[0]!.messages[0]!.time, Date.UTC(2023, 0, 30, 20, 40, 7));
    assert.deepEqual(tally.dropped, { reaction: 2, photo: 1, unsent: 1, call: 1 });
    assert.deepEqual([...tally.noticed.keys()], ['message of a bot']);
  }
  assert.equal(await likelyFormat(join(dir, 'folder/Takeout/Google Chat/Groups/DM 1/messages.json')), 'google-chat');
});

test('honours the choices', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'messages.json': { messages }, 'group_info.json': group });
  const { conversations, tally } = await readSource('google-chat', dir, {
    messages: { calls: 'placeholder', media: 'placeholder', captions: 'drop', shares: 'text', reactions: 'message' },
  });
  assert.deepEqual(messageLines(conversations[0]!), [
    'Ann Example: hello\nBen',
    'Ben Example: [reacted 👍]',
    'x@y.z: [reacted 👍]',
    'Ben Example: [photo]',
    'Ann Example: [call]',
    'Ben Example: see https://a.b A page about',
    'Builder: built',
  ]);
  assert.deepEqual(tally.dropped, { caption: 1, unsent: 1 });
});

test('reads the dates of accounts in other languages', async (t) => {
  const dates = {
    de: ['Montag, 30. Januar 2023 um 20:49:07 UTC', 'Mittwoch, 1. März 2023 um 09:05:00 UTC'],
    zh: ['2023年1月30日星期一 UTC 20:49:07', '2023年3月1日星期三 UTC 09:05:00'],
    ja: ['2023年1月30日月曜日 20時49分07秒 UTC', '2023年3月1日水曜日 9時05分00秒 UTC'],
    es: ['lunes, 30 de enero de 2023, 20:49:07 UTC', 'miércoles, 1 de marzo de 2023, 9:05:00 UTC'],
    fr: ['lundi 30 janvier 2023 à 20:49:07 UTC', 'mercredi 1 mars 2023 à 09:05:00 UTC'],
    ko: ['2023년 1월 30일 월요일 오후 8시 49분 7초 UTC', '2023년 3월 1일 수요일 오전 9시 5분 0초 UTC'],
  };
  for (const [language, [first, second]] of Object.entries(dates)) {
    const dir = tempDir(t);
    writeFiles(dir, {
      'messages.json': {
        messages: [
          { ...message(40, ann, 'one'), created_date: first },
          { ...message(41, ben, 'two'), created_date: second },
        ],
      },
    });
    const { conversations } = await readSource('google-chat', dir);
    assert.deepEqual(
      conversations[0]!.messages.map(({ time }) => time),
      [Date.UTC(2023, 0, 30, 20, 49, 7), Date.UTC(2023, 2, 1, 9, 5)],
      language,
    );
  }
});
