import { zipOf } from '../sources/write-zip.ts';
import type { Corpus } from './read-mutated.ts';

const json = (value: unknown, indent?: number): Buffer => Buffer.from(JSON.stringify(value, null, indent));
const lines = (values: unknown[]): Buffer => Buffer.from(values.map((value) => JSON.stringify(value)).join('\n'));

const author = (id: number) => ({ id: `81111111111111111${id}`, name: `n${id}`, nickname: 'Ann', isBot: id === 2 });
const discord = {
  guild: { id: '0', name: 'x' },
  channel: { id: '811111111111111112', type: 'DirectTextChat', name: 'ben' },
  messages: [0, 1, 2].map((id) => ({
    id: `${id}`,
    type: id === 1 ? 'Reply' : 'Default',
    timestamp: `2023-01-30T20:4${id}:07.123+00:00`,
    content: `text ${id} "quoted" <@811111111111111110> 👍`,
    author: author(id),
    attachments: id === 1 ? [{ fileName: 'a.png' }] : [],
    embeds: id === 2 ? [{ title: 'x', url: 'https://x', description: 'y' }] : [],
    reactions: [{ emoji: { id: '', name: '❤' }, count: 2, users: [author(1)] }],
    mentions: [author(0)],
  })),
};
const slackDay = [0, 1, 2].map((i) => ({
  type: 'message',
  user: `U${i % 2}`,
  text: `hello <@U1> <https://a.b|a.b> &lt; ${i}`,
  ts: `16751081${i}0.000200`,
  ...(i === 1 ? { thread_ts: '1675108100.000200', reactions: [{ name: 'x', users: ['U0'], count: 2 }] } : {}),
}));
const slack = {
  'general/2023-01-30.json': json(slackDay, 1),
  'general/2023-01-31.json': json(slackDay),
  'users.json': json([0, 1].map((i) => ({ id: `U${i}`, name: `n${i}`, profile: { display_name: 'Ann' } }))),
  'channels.json': json([{ id: 'C1', name: 'general' }]),
};
const google = {
  messages: [0, 1, 2].map((i) => ({
    creator: { name: 'Ann', email: `a${i % 2}@x.y`, user_type: 'Human' },
    created_date:
      i < 2 ? `Monday, January 30, 2023 at 8:4${i}:07\u202fPM UTC` : 'Montag, 30. Januar 2023 um 20:49:07 UTC',
    text: `text ${i}\nmore`,
    reactions: [{ emoji: { unicode: '👍' }, reactor_emails: ['a1@x.y'] }],
  })),
};
const signal = [
  { version: '1', backupTimeMs: '1675108140000' },
  { account: { givenName: 'Ann' } },
  { recipient: { id: '1', self: {} } },
  { recipient: { id: '2', contact: { aci: 'QkVO', profileGivenName: 'Ben' } } },
  { chat: { id: '2', recipientId: '2' } },
  ...[0, 1, 2].map((i) => ({
    chatItem: {
      chatId: '2',
      authorId: `${1 + (i % 2)}`,
      dateSent: `167510814000${i}`,
      standardMessage: {
        text: { body: `\ufffc text ${i}`, bodyRanges: [{ start: 0, mentionAci: 'QkVO' }] },
        reactions: [{ emoji: '❤', authorId: '1' }],
      },
    },
  })),
];
const chatLab = {
  chatlab: { version: '0.0.2', exportedAt: 1703001600 },
  meta: { name: 'x', platform: 'qq', type: 'group', groupId: '1' },
  members: [{ platformId: 'a', accountName: 'Ann' }],
  messages: [0, 1, 7, 23].map((type) => ({
    sender: 'a',
    accountName: 'Ann',
    timestamp: 1703001600,
    type,
    content: `x ${type} 你好`,
  })),
};
const dataset = [
  {
    messages: [
      { role: 'system', content: 'x' },
      { role: 'user', content: 'hello\nthere' },
    ],
  },
  {
    id: 9,
    conversations: [
      { from: 'human', value: 'a' },
      { from: 'gpt', value: 'b' },
    ],
    system: 'x',
  },
];
const block = (i: number) =>
  `<div class="message default clearfix${i % 2 ? ' joined' : ''}" id="message${i}"><div class="body"><div class="pull_right date details" title="30.01.2023 20:4${i}:07 UTC+01:00">20:4${i}</div>${i % 2 ? '' : '<div class="from_name">Ann &amp; Co</div>'}<div class="text">text ${i}<br>more <strong>👍</strong><blockquote>q</blockquote></div><span class="reactions"><span class="reaction"><span class="emoji">❤</span><span class="count">2</span></span></span></div></div>`;
const telegram = Buffer.from(
  `<!DOCTYPE html><html><body><div class="page_wrap"><div class="page_header"><div class="text bold">Ann</div></div><div class="history"><div class="message service" id="message-1"><div class="body details">30 January 2023</div></div>${[0, 1, 2, 3].map(block).join('\n')}<div class="message service" id="message9"><div class="body details">Ann left</div></div></div></div></body></html>`,
);
const everything = {
  messages: { reactions: 'message', system: 'keep', media: 'placeholder', shares: 'text' },
} as const;

/** An invented export of each app that has a reader of its own. */
export const APP_CORPORA: Corpus[] = [
  { name: 'discord', format: 'discord', files: { 'a.json': json(discord, 2) } },
  { name: 'discord everything', format: 'discord', choices: everything, files: { 'a.json': json(discord) } },
  { name: 'slack', format: 'slack', files: slack },
  { name: 'slack zip', format: 'slack', choices: everything, files: { 'a.zip': zipOf(slack) } },
  {
    name: 'google chat',
    format: 'google-chat',
    choices: everything,
    files: {
      'Groups/DM 1/messages.json': json(google, 2),
      'Groups/DM 1/group_info.json': json({ members: [{ name: 'Ann', email: 'a0@x.y' }] }),
    },
  },
  { name: 'signal desktop', format: 'signal-desktop', choices: everything, files: { 'main.jsonl': lines(signal) } },
  { name: 'chatlab', format: 'chatlab', choices: everything, files: { 'a.json': json(chatLab, 2) } },
  {
    name: 'chatlab lines',
    format: 'chatlab',
    files: {
      'a.jsonl': lines([
        { _type: 'header', chatlab: chatLab.chatlab, meta: chatLab.meta },
        ...chatLab.messages.map((message) => ({ _type: 'message', ...message })),
      ]),
    },
  },
  { name: 'dataset', format: 'dataset', files: { 'a.jsonl': lines(dataset), 'b.json': json(dataset, 2) } },
  {
    name: 'telegram html',
    format: 'telegram',
    choices: everything,
    files: { 'messages.html': telegram, 'messages2.html': telegram },
  },
];
