import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { likelyFormat } from '../../../src/sources/formats.ts';
import { tempDir, writeFiles } from '../../artifacts/on-disk.ts';
import { messageLines, readSource } from '../read-source.ts';
import { zipOf } from '../write-zip.ts';

const page = (...blocks: string[]) => `<!DOCTYPE html>
<html>
 <head><meta charset="utf-8"/><title>Exported Data</title><link href="css/style.css" rel="stylesheet"/></head>
 <body onload="CheckLocation();">
  <div class="page_wrap">
   <div class="page_header"><div class="content"><div class="text bold">
Ann &amp; Co
   </div></div></div>
   <div class="page_body chat_page"><div class="history">
${blocks.join('\n')}
   </div></div>
  </div>
 </body>
</html>
`;
let number = 0;
const service = (text: string, id = `message${++number}`) =>
  `<div class="message service" id="${id}"><div class="body details">\n${text}\n</div></div>`;
const message = (from: string | null, date: string, body: string) =>
  `<div class="message default clearfix${from === null ? ' joined' : ''}" id="message${++number}">
${from === null ? '' : `<div class="pull_left userpic_wrap"><div class="userpic userpic4"><div class="initials">A</div></div></div>`}
<div class="body"><div class="pull_right date details" title="${date}">\n20:49\n</div>
${from === null ? '' : `<div class="from_name">\n${from} \n</div>`}${body}</div></div>`;
const text = (html: string) => `<div class="text">\n${html}\n</div>`;
const media = (classes: string, title: string) =>
  `<div class="media_wrap clearfix"><div class="media clearfix pull_left ${classes}"><div class="fill pull_left"></div><div class="body"><div class="title bold">${title}</div><div class="status details">1 KB</div></div></div></div>`;
const zoned = (minute: number) => `30.01.2023 20:${String(minute).padStart(2, '0')}:07 UTC+01:00`;
const everything = page(
  service('30 January 2023', 'message-1'),
  service('Ann &amp; Co created group «Cats»'),
  message(
    'Ann &amp; Co',
    zoned(1),
    text('hello &lt;3<br>see <a href="https://a.b">https://a.b</a><blockquote>a quote</blockquote>'),
  ),
  message(
    null,
    zoned(2),
    `<div class="reply_to details">In reply to <a href="#go_to_message1">this message</a></div>${text('and again')}`,
  ),
  message(
    'Ben via @gif',
    zoned(3),
    `<div class="media_wrap clearfix"><a class="animated_wrap clearfix pull_left" href="video_files/a.mp4"><div class="gif_play">GIF</div></a></div>`,
  ),
  message(null, zoned(4), media('media_photo', 'Sticker')),
  message(null, zoned(5), media('media_photo', 'Photo') + text('my cat')),
  message(null, zoned(6), media('media_call success', 'Ann')),
  message(
    'Ben',
    zoned(7),
    `<div class="pull_left forwarded userpic_wrap"></div><div class="forwarded body"><div class="from_name">Cleo<span class="date details" title="01.01.2020 00:00:00 UTC+01:00"> 01.01.2020</span></div>${text('words of another')}</div>`,
  ),
  message(null, zoned(8), `<div class="forwarded body">${text('more of them')}</div>`),
  service('Ben joined the group by link'),
  message(
    'Ben',
    zoned(9),
    `${text('nice')}<span class="reactions"><span class="reaction"><span class="emoji">👍</span><span class="userpics"><div class="userpic userpic1"><div class="initials" title="Ann &amp; Co">A</div></div></span><span class="count">2</span></span></span>`,
  ),
);

test('reads joined messages, formatted text, forwards, media and lines of the app', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'messages.html': everything });
  assert.equal(await likelyFormat(dir), 'telegram');
  assert.equal(await likelyFormat(join(dir, 'messages.html')), 'telegram');
  const { conversations, tally } = await readSource('telegram', dir);
  assert.deepEqual(
    conversations.map(({ id }) => id),
    ['Ann & Co'],
  );
  assert.deepEqual(messageLines(conversations[0]!), [
    'Ann & Co: hello <3\nsee https://a.b\na quote',
    'Ann & Co: and again',
    'Ben: my cat',
    'Ben: words of another',
    'Ben: more of them',
    'Ben: nice',
  ]);
  assert.equal(conversations[0]!.messages[0]!.time, Date.UTC(2023, 0, 30, 19, 1, 7));
  assert.deepEqual(tally.dropped, { 'system line': 2, gif: 1, sticker: 1, call: 1, reaction: 2 });
  assert.equal(tally.noticed.size, 0);
});

test('honours the choices, and gives a line of the app to the person it is about', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'messages.html': everything });
  const { conversations, tally } = await readSource('telegram', dir, {
    messages: {
      calls: 'placeholder',
      stickers: 'placeholder',
      media: 'placeholder',
      captions: 'drop',
      forwarded: 'drop',
      reactions: 'message',
      system: 'keep',
    },
  });
  assert.deepEqual(messageLines(conversations[0]!), [
    'Ann & Co: hello <3\nsee https://a.b\na quote',
    'Ann & Co: and again',
    'Ben: [gif]',
    'Ben: [sticker]',
    'Ben: [call]',
    'Ben: Ben joined the group by link',
    'Ben: nice',
    'Ann & Co: [reacted 👍]',
  ]);
  assert.deepEqual(tally.dropped, { 'system line': 1, caption: 1, forwarded: 2, reaction: 1 });
});

test('joins the pages of a chat in their order, and reads times without a zone in the one that is set', async (t) => {
  const dir = tempDir(t);
  const old = (minute: number, words: string) => page(message('Ann', `30.07.2018 20:0${minute}:00`, text(words)));
  const pages = {
    'messages10.html': old(3, 'third'),
    'messages.html': old(1, 'first'),
    'messages2.html': old(2, 'second'),
  };
  writeFiles(dir, {
    'a.zip': zipOf({
      ...Object.fromEntries(Object.entries(pages).map(([name, html]) => [`chats/chat_01/${name}`, html])),
      'lists/chats.html': page(),
      'export_results.html': page(),
    }),
  });
  assert.equal(await likelyFormat(join(dir, 'a.zip')), 'telegram');
  const { conversations, tally } = await readSource('telegram', dir, { timeZone: 'Europe/Berlin' });
  assert.deepEqual(
    conversations.map(({ id, messages }) => [id, ...messages.map(({ text: words }) => words)]),
    [['a.zip/chats/chat_01#Ann & Co', 'first', 'second', 'third']],
  );
  assert.equal(conversations[0]!.messages[0]!.time, Date.UTC(2018, 6, 30, 18, 1));
  assert.equal(tally.noticed.get('file whose times are taken for those of Europe/Berlin (timeZone)')?.count, 3);
});

test('prefers the JSON of the same export, and says so', async (t) => {
  const dir = tempDir(t);
  const json = {
    name: 'Ann',
    id: 1,
    messages: [{ type: 'message', date_unixtime: '1675108140', from: 'Ann', text: 'hi' }],
  };
  writeFiles(dir, { 'x/result.json': json, 'x/messages.html': everything, 'y/messages.html': everything });
  const { conversations, tally } = await readSource('telegram', dir);
  assert.deepEqual(
    conversations.map(({ id }) => id),
    ['x/result.json#1', 'y#Ann & Co'],
  );
  assert.deepEqual(tally.noticed.get('HTML file not read, because its chat is there as JSON'), {
    count: 1,
    first: 'x/messages.html',
  });
});

test('keeps what is before the end of a truncated page', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'messages.html': everything.slice(0, everything.indexOf('and again') + 3) });
  const { conversations, tally } = await readSource('telegram', dir);
  assert.equal(conversations[0]!.messages.length, 1);
  assert.deepEqual(tally.dropped, { 'system line': 1, 'damaged message': 1, 'unreadable file': 1 });
});
