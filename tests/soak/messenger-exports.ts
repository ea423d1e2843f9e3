import { asMojibake } from '../sources/read-source.ts';
import { zipOf } from '../sources/write-zip.ts';
import type { Corpus } from './read-mutated.ts';

const people = [{ name: 'Ann' }, { name: asMojibake('Zoë') }];
const message = (minute: number, content: string, more: object = {}) => ({
  sender_name: people[minute % 2]!.name,
  timestamp_ms: 1_600_000_000_000 + minute * 60_000,
  content: asMojibake(content),
  ...more,
});

const first = {
  participants: people,
  messages: [
    message(9, 'nine "quoted" \\ {[,'),
    message(8, 'acht, grün 👍', { reactions: [{ reaction: asMojibake('❤'), actor: 'Ann' }] }),
    message(7, '', { photos: [{ uri: 'x/photos/1.jpg' }] }),
    message(6, 'line\nbreak', { share: { link: 'https://example.com', share_text: 'x' } }),
  ],
  title: 'Zoë',
  thread_path: 'inbox/zoe_1',
};
const second = {
  ...first,
  messages: [
    message(5, 'five'),
    message(4, 'Ann named the group Ants.', { type: 'Generic' }),
    message(3, 'gone', { is_unsent: true }),
    message(2, 'two'),
    message(1, 'one'),
  ],
};
const flat = {
  participants: ['Ann', 'Zoë'],
  threadName: 'Zoë',
  messages: [9, 10, 11].map((minute) => ({
    senderName: minute % 2 ? 'Zoë' : 'Ann',
    text: `flat ${minute}`,
    timestamp: 1_600_000_000_000 + minute * 60_000,
    type: 'text',
    isUnsent: false,
    media: [],
    reactions: [],
  })),
};

const block = (era: 2018 | 2022, from: string, body: string, time: string) =>
  era === 2018
    ? `<div class="pam _3-95 _2pi0 _2lej uiBoxWhite noborder"><div class="_3-96 _2pio _2lek _2lel">${from}</div><div class="_3-96 _2let"><div><div></div><div>${body}</div></div></div><div class="_3-94 _2lem">${time}</div></div>`
    : `<div class="pam _3-95 _2ph- _a6-g uiBoxWhite noborder"><h2 class="_3-95 _2pim _a6-h _a6-i">${from}</h2><div class="_3-95 _a6-p"><div><div></div><div>${body}</div><div><ul class="_a6-q"><li>❤Ann</li></ul></div></div></div><div class="_3-94 _a6-o"><a href="https://x"><div class="_a72d">${time}</div></a></div></div>`;
const page = (era: 2018 | 2022) =>
  `<html><body><div role="main">${['Oct 19, 2019, 2:41 PM', 'Oct 19, 2019, 2:40 PM', 'Oct 19, 2019, 2:39 PM'].map((time, i) => block(era, 'Ann &amp; Co', `text ${i}<br />more 👍`, time)).join('')}</div></body></html>`;
const strange = `<body><div>Participants: Ann, Ben</div>${['one', 'two'].map((text, i) => `<div><div>Ann</div><div>${text}</div><div>Oct 19, 2019, 2:3${i} PM</div></div>`).join('')}</body>`;

const inbox = 'your_facebook_activity/messages/inbox';

/** An invented export of each format. */
export const MESSENGER_CORPORA: Corpus[] = [
  {
    name: 'json',
    format: 'messenger',
    files: { [`${inbox}/zoe_1/message_1.json`]: json(first), [`${inbox}/zoe_1/message_2.json`]: json(second) },
  },
  {
    name: 'json indented',
    format: 'messenger',
    files: { 'messages/archived_threads/zoe_1/message_1.json': Buffer.from(JSON.stringify(first, null, 2)) },
  },
  {
    name: 'flat and json',
    format: 'messenger',
    files: { [`${inbox}/zoe_1/message_1.json`]: json(first), 'Zoë_1.json': json(flat) },
  },
  {
    name: 'zip parts',
    format: 'messenger',
    files: {
      'a.zip': zipOf({ [`${inbox}/zoe_1/message_1.json`]: first }),
      'b.zip': zipOf([
        { name: `${inbox}/zoe_1/message_2.json`, content: JSON.stringify(second), streamed: true },
        { name: 'x/photos/1.jpg', content: 'x', stored: true },
      ]),
    },
  },
  { name: 'html 2018', format: 'messenger', files: { 'messages/inbox/zoe_1/message_1.html': Buffer.from(page(2018)) } },
  { name: 'html 2022', format: 'messenger', files: { 'messages/inbox/zoe_1/message_1.html': Buffer.from(page(2022)) } },
  { name: 'html strange', format: 'messenger', files: { 'messages/inbox/zoe_1/message_1.html': Buffer.from(strange) } },
  {
    name: 'instagram',
    format: 'instagram',
    files: { 'your_instagram_activity/messages/inbox/zoe_1/message_1.json': json(first) },
  },
];

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}
