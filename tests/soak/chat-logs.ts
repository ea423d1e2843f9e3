import { gzipSync } from 'node:zlib';
import { zipOf } from '../sources/write-zip.ts';
import type { Corpus } from './read-mutated.ts';

const minutes = [1, 2, 3, 59];
const iso = (minute: number): string => `2004-11-23T11:${String(minute).padStart(2, '0')}:00.000Z`;

const kaggle = `folder,dialogueID,date,from,to,text\n${['1', '2', '30'].flatMap((id) => minutes.map((minute) => `3,${id}.tsv,${iso(minute)},${minute % 2 ? 'ann' : 'zoë'},,${minute === 2 ? `"quoted ""${id}"",\nin two lines"` : `text ${id} of ${minute}`}\n`)).join('')}`;
const tsv = (id: number): string =>
  minutes.map((minute) => `${iso(minute)}\t${minute % 2 ? 'ann' : 'zoë'}\tben\ttext ${id} "of ${minute}\n`).join('');
const irc =
  '[23:58] <ann> hi zoë\n=== ben [n=ben@host]  has joined #ubuntu\n[23:59]  * ben waves\n[00:00] <zoë> a "word", two\n[00:01] <ubotu> a fact\n[00:02] <ann> bye\n';
const android =
  '30/01/19, 20:49 - Messages are end-to-end encrypted.\n30/01/19, 20:49 - Ann: first\nin two lines\n30/01/19, 20:50 - Zoë: <Media omitted>\n01/02/19, 20:51 - Ann: second 👍\n02/02/19, 20:52 - Zoë: last\n';
const iphone =
  '[1/30/19, 8:49:07\u202fPM] Ann: first\r\n\u200e[1/30/19, 8:50:00\u202fPM] Zoë: \u200eimage omitted\r\n[2/1/19, 8:51:00\u202fAM] Ann: second\r\nin two lines\r\n';
const signal = '[2019-12-24, 12:23] Ann: first\n[2020-01-17, 21:49] Zoë: second\nin two lines\n';
/** A log of a phone in another language, as its prefixes look there. */
const phone = (prefix: (day: number) => string, placeholder: string): Buffer =>
  Buffer.from(
    [
      [13, 'Zoë: first'],
      [13, 'Ann: second\nin two lines'],
      [14, `Zoë: ${placeholder}`],
      [15, 'Ann: third 👍'],
      [16, 'Zoë: last'],
      [17, 'Ann: end'],
    ]
      .map(([day, text]) => `${prefix(Number(day))}${text}\n`)
      .join(''),
  );
const phones: Record<string, Buffer> = {
  french: phone((day) => `${day}.05.18 à 18:0${day - 13} - `, '<Médias omis>'),
  arabic: phone(
    (day) => `${day.toLocaleString('ar-EG')}‏/٥‏/٢٠١٨، ٦:٠${(day - 13).toLocaleString('ar-EG')} م - `,
    '<الوسائط غير مدرجة>',
  ),
  japanese: phone((day) => `[令和元年5月${day}日 午後6:0${day - 13}:10] `, '\u200e画像は省略されました'),
  'time first': phone((day) => `[下午6:0${day - 13}, 2018/5/${day}] `, '\u200e圖片已略去'),
  'old iphone': phone((day) => `${day}/5/18, 6:0${day - 13}:10 PM: `, 'x'),
  'without end': phone((day) => `${day}-05-18 18:0${day - 13}:10 `, 'x'),
};

const telegramMessages = ['first', ['second ', { type: 'link', text: 'https://a.b' }, ' and\non'], '', 'zoë 👍'].map(
  (text, id) => ({
    id,
    type: 'message',
    date: '2018-12-05T10:39:10',
    date_unixtime: `${1544006350 + id}`,
    from: 'Ann',
    from_id: 'user1',
    text,
    ...(text === '' ? { photo: 'p.jpg' } : {}),
  }),
);
const chat = {
  name: 'Zoë "Z"',
  type: 'personal_chat',
  id: 7,
  messages: [{ id: 0, type: 'service', action: 'phone_call' }, ...telegramMessages],
};
const rows = minutes.map((minute) => ({
  id: minute,
  when: iso(minute),
  room: minute % 2 ? 'x' : 'y',
  who: 'Ann',
  body: `text ${minute}, "quoted"`,
}));
const columns = { text: 'body', from: 'who', time: 'when', conversation: 'room' };

/** A small corpus of each format that is a log or a table. */
export const CHAT_CORPORA: Corpus[] = [
  {
    name: 'ubuntu csv',
    format: 'ubuntu',
    files: { 'a.csv': Buffer.from(kaggle), 'b.csv': Buffer.from(kaggle.replaceAll('text', 'words')) },
  },
  {
    name: 'ubuntu tsv',
    format: 'ubuntu',
    files: { 'dialogs/3/1.tsv': Buffer.from(tsv(1)), 'dialogs/4/2.tsv': Buffer.from(tsv(2)) },
  },
  {
    name: 'ubuntu tgz',
    format: 'ubuntu',
    files: { 'ubuntu_dialogs.tgz': gzipSync(tarOf({ 'dialogs/3/1.tsv': tsv(1), 'dialogs/4/2.tsv': tsv(2) })) },
  },
  {
    name: 'ubuntu tar',
    format: 'ubuntu',
    files: { 'ubuntu_dialogs.tar': tarOf({ 'dialogs/3/1.tsv': tsv(1), 'dialogs/4/2.tsv': tsv(2) }) },
  },
  {
    name: 'irc',
    format: 'ubuntu',
    files: { '2005-12-31.txt': Buffer.from(irc), '2006-01-01.txt': Buffer.from(irc.replaceAll('23:', '11:')) },
  },
  { name: 'whatsapp android', format: 'whatsapp', files: { 'a.txt': Buffer.from(android) } },
  {
    name: 'whatsapp iphone',
    format: 'whatsapp',
    files: { 'chat.zip': zipOf({ '_chat.txt': iphone }), 'b.txt': Buffer.from(iphone) },
  },
  ...Object.entries(phones).map(([language, log]): Corpus => ({
    name: `whatsapp ${language}`,
    format: 'whatsapp',
    files: { 'a.txt': log },
  })),
  { name: 'signal', format: 'signal', files: { 'a.txt': Buffer.from(signal) } },
  { name: 'telegram chat', format: 'telegram', files: { 'result.json': Buffer.from(JSON.stringify(chat, null, 1)) } },
  {
    name: 'telegram account',
    format: 'telegram',
    files: {
      'result.json': Buffer.from(
        JSON.stringify({ about: 'x', chats: { about: '"messages": [', list: [chat, { ...chat, id: 8 }] } }),
      ),
    },
  },
  {
    name: 'csv',
    format: 'csv',
    choices: { columns },
    files: {
      'a.csv': Buffer.from(
        `id;when;room;who;body\n${rows
          .map((row) =>
            Object.values(row)
              .map((value) => `"${String(value).replaceAll('"', '""')}"`)
              .join(';'),
          )
          .join('\r\n')}`,
      ),
    },
  },
  {
    name: 'jsonl of messages',
    format: 'jsonl',
    choices: { columns },
    files: { 'a.jsonl': Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')) },
  },
  {
    name: 'jsonl of conversations',
    format: 'jsonl',
    files: {
      'a.jsonl': Buffer.from(
        `{"id": "a", "turns": ["hi", {"from": "Zoë", "time": 5, "text": "a\\nb"}, ""]}\n{"turns": ["x"]}\n`,
      ),
    },
  },
  {
    name: 'jsonl sampled',
    format: 'jsonl',
    choices: { sample: { conversations: 2, seed: 1 } },
    files: {
      'a.jsonl': Buffer.from(
        ['a', 'b', 'c', 'd'].map((id) => `{"id": "${id}", "turns": ["hi ${id}", "ho"]}\n`).join(''),
      ),
    },
  },
  { name: 'text', format: 'text', files: { 'a.txt': Buffer.from('one\n\ntwo zoë\n\n\n\nthree\n') } },
];

/** A tar archive in the oldest variant of the format. */
export function tarOf(files: Record<string, string>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const content = Buffer.from(text);
    const head = Buffer.alloc(512);
    head.write(name, 0);
    head.write('0000644\0', 100);
    head.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    head.write('00000000000\0', 136);
    head.write('        ', 148);
    head.write('0', 156);
    head.write('ustar\x0000', 257);
    head.write(
      `${head
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    return [head, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
