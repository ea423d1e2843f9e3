import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { likelyFormat } from '../../../src/sources/formats.ts';
import { tempDir, writeFiles } from '../../artifacts/on-disk.ts';
import { messageLines, readSource } from '../read-source.ts';
import { zipOf } from '../write-zip.ts';

const lists = {
  'users.json': [
    { id: 'U1', name: 'ann', real_name: 'Ann Example', profile: { display_name: '', real_name: 'Ann Example' } },
    { id: 'U2', name: 'ben', real_name: 'Ben Example', profile: { display_name: 'Benny', real_name: 'Ben Example' } },
    { id: 'U3', name: 'ben2', real_name: 'Ben Other', profile: { display_name: 'Benny' } },
  ],
  'channels.json': [{ id: 'C1', name: 'general', members: ['U1', 'U2'] }],
  'dms.json': [{ id: 'D1', members: ['U1', 'U2'] }],
};
const message = (ts: string, user: string, text: string, more: object = {}) => ({
  type: 'message',
  user,
  text,
  ts,
  ...more,
});
const first = [
  message('1675108140.000200', 'U1', 'hello <@U2> and <@U3|x>, see <https://a.b/c|a.b/c> &lt;b&gt; in <#C1|general>', {
    reactions: [{ name: 'thumbsup', users: ['U2'], count: 2 }],
  }),
  message('1675108150.000300', 'U2', '<!here> a question', { thread_ts: '1675108150.000300', reply_count: 1 }),
  message('1675108160.000400', 'U3', '<@U3> has joined the channel', { subtype: 'channel_join' }),
  message('1675108170.000500', 'U1', '', { files: [{ mimetype: 'image/png', name: 'a.png' }] }),
  message('1675108180.000600', 'U1', 'with words', { files: [{ mimetype: 'application/pdf', name: 'a.pdf' }] }),
  {
    type: 'message',
    subtype: 'bot_message',
    text: 'built',
    username: 'Builder',
    bot_id: 'B1',
    ts: '1675108190.000700',
  },
  message('1675108200.000800', 'U1', 'This message was deleted.', { subtype: 'tombstone', hidden: true }),
  message('1675108210.000900', 'U1', '', { subtype: 'huddle_thread', room: { id: 'R1' } }),
  message('1675108220.001000', 'U2', '<https://x.y|the page>', {
    attachments: [{ from_url: 'https://x.y', title: 'A title', fallback: 'A title' }],
  }),
  message('1675108230.001100', 'U1', '', {
    attachments: [{ is_share: true, text: 'words of another', author_name: 'Cleo' }],
  }),
  message('1675108240.001200', 'U1', 'is away', { subtype: 'me_message' }),
];
const second = [
  message('1675194600.000100', 'U1', 'an answer', { thread_ts: '1675108150.000300' }),
  message('1675194500.000100', 'U2', '', {
    blocks: [
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              { type: 'text', text: 'in blocks ' },
              { type: 'user', user_id: 'U1' },
            ],
          },
        ],
      },
    ],
  }),
];
const files = {
  ...lists,
  'general/2023-01-31.json': second,
  'general/2023-01-30.json': first,
  'D1/2023-01-30.json': [message('1675108140.000200', 'U2', 'psst')],
};

test('reads channels, threads and direct chats of a folder and of a zip', async (t) => {
  const dir = tempDir(t);
  writeFiles(join(dir, 'export'), files);
  writeFiles(dir, { 'export.zip': zipOf(files) });
  for (const path of [join(dir, 'export'), join(dir, 'export.zip')]) {
    assert.equal(await likelyFormat(path), 'slack');
    const { conversations, tally } = await readSource('slack', path);
    assert.deepEqual(
      Object.fromEntries(conversations.map((conversation) => [conversation.id, messageLines(conversation)])),
      {
        D1: ['Benny: psst'],
        general: [
          'Ann Example: hello @Benny and @Benny (ben2), see a.b/c <b> in #general',
          'Ann Example: with words',
          'Builder: built',
          'Benny: the page (https://x.y)',
          'Ann Example: words of another',
          'Ann Example: is away',
          'Benny: in blocks @Ann Example',
        ],
        'general#1675108150.000300': ['Benny: @here a question', 'Ann Example: an answer'],
      },
    );
    assert.equal(conversations.find(({ id }) => id === 'general')!.messages[0]!.time, 1675108140000);
    assert.deepEqual(tally.dropped, { reaction: 2, 'system line': 1, photo: 1, unsent: 1, call: 1 });
    assert.equal(tally.noticed.get('message of a bot')?.count, 1);
  }
});

test('honours the choices', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, files);
  const { conversations, tally } = await readSource('slack', dir, {
    messages: {
      calls: 'placeholder',
      media: 'placeholder',
      captions: 'drop',
      shares: 'text',
      forwarded: 'drop',
      reactions: 'message',
      system: 'keep',
    },
  });
  const lines = messageLines(conversations.find(({ id }) => id === 'general')!);
  for (const line of [
    'Benny: [reacted :thumbsup:]',
    'Benny (ben2): @Benny (ben2) has joined the channel',
    'Ann Example: [photo]',
    'Ann Example: [call]',
    'Benny: the page (https://x.y) A title',
  ])
    assert.ok(lines.includes(line), line);
  assert.deepEqual(tally.dropped, { reaction: 1, caption: 1, unsent: 1, forwarded: 1 });
});

test('reads the file of one day, with the names that its messages bring', async (t) => {
  const dir = tempDir(t);
  const day = [
    message('1675108140.000200', 'U1', 'hi', { user_profile: { real_name: 'Ann Example', display_name: '' } }),
    message('1675108150.000200', 'U2', 'yes'),
  ];
  writeFiles(dir, { '2023-01-30.json': day });
  assert.equal(await likelyFormat(join(dir, '2023-01-30.json')), 'slack');
  const { conversations, tally } = await readSource('slack', join(dir, '2023-01-30.json'));
  assert.deepEqual(conversations.map(messageLines), [['Ann Example: hi', 'U2: yes']]);
  assert.equal(tally.skipped.count, 0);
});
