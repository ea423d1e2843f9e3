import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { readSource, messageLines, type Choices } from './read-source.ts';

async function read(
  t: Parameters<typeof tempDir>[0],
  log: string | Buffer,
  choices: Choices = {},
  app: 'whatsapp' | 'signal' = 'whatsapp',
) {
  const dir = tempDir(t);
  writeFiles(dir, { 'chat.txt': log });
  const { conversations, tally } = await readSource(app, join(dir, 'chat.txt'), choices);
  const messages = conversations.flatMap(({ messages }) => messages);
  return {
    conversations,
    messages,
    tally,
    times: messages.map(({ time }) => (time === null ? null : new Date(time).toISOString().slice(0, 19))),
  };
}

test('iPhone: reads brackets, seconds, direction marks, narrow spaces and its texts for media', async (t) => {
  const log = [
    '[30.01.19, 20:49:07] Hiking: \u200eMessages and calls are end-to-end encrypted. Only people in this chat can read, listen to, or share them.',
    '\u200e[30.01.19, 20:49:08] Ann: \u200eimage omitted',
    '[30.01.19, 20:49:09] \u202a+359 88 123\u202c: hi: there',
    '[30.01.19, 20:50:00] Ann: \u200e<attached: 00000012-PHOTO-2019-01-30-20-50-00.jpg>',
    '[30.01.19, 20:51:00] ~\u202fBen: ho \u200e<This message was edited>',
    '[30.01.19, 20:52:00] Ann: \u200eThis message was deleted.',
    '[30.01.19, 20:53:00] Ann: \u200eMissed voice call',
    '[30.01.19, 20:54:00] Ann: \u200esticker omitted',
    '[30.01.19, 20:55:00] Ann: plan.pdf • \u200e3 pages \u200edocument omitted',
  ].join('\r\n');
  const { messages, tally, times } = await read(t, log);
  assert.deepEqual(
    messages.map(({ from, text }) => `${from}: ${text}`),
    ['+359 88 123: hi: there', 'Ben: ho'],
  );
  assert.deepEqual(times, ['2019-01-30T20:49:09', '2019-01-30T20:51:00']);
  assert.deepEqual(tally.dropped, { 'system line': 1, photo: 2, unsent: 1, call: 1, sticker: 1, file: 1 });
  const kept = await read(t, log, {
    messages: { media: 'placeholder', stickers: 'placeholder', calls: 'placeholder', unsent: 'keep', system: 'keep' },
  });
  assert.deepEqual(kept.messages.map(({ text }) => text).slice(1), [
    '[photo]',
    'hi: there',
    '[photo]',
    'ho',
    'This message was deleted.',
    '[call]',
    '[sticker]',
    '[file]',
  ]);
});

test('Android: reads continuation lines, captions and app lines', async (t) => {
  const log =
    '12/31/19, 11:59\u202fPM - Ann created group "a: b"\n12/31/19, 11:59\u202fPM - Ann: one\n\ntwo: 3\n1/1/20, 12:00\u202fAM - Ben: IMG-1.jpg (file attached)\na caption\n1/1/20, 12:30\u202fPM - Ben: <Media omitted>\n1/1/20, 12:31\u202fPM - Ann changed the description\nof the group: x\n1/1/20, 12:32\u202fPM - Ben: \n';
  const { messages, tally, times } = await read(t, log);
  assert.deepEqual(
    messages.map(({ from, text }) => `${from}: ${text}`),
    ['Ann: one\ntwo: 3', 'Ben: a caption'],
  );
  assert.deepEqual(times, ['2019-12-31T23:59:00', '2020-01-01T00:00:00']);
  assert.deepEqual([tally.read, tally.dropped], [6, { 'system line': 2, media: 1, empty: 1 }]);
  assert.deepEqual((await read(t, log, { messages: { captions: 'drop' } })).tally.dropped, {
    'system line': 2,
    caption: 1,
    media: 1,
    empty: 1,
  });
});

test('infers whether the day or month comes first from all dates, else from their order, else guesses and reports it', async (t) => {
  const orderOf = async (...dates: string[]) => {
    const { tally, times } = await read(t, dates.map((date) => `${date}, 10:00 - Ann: x`).join('\n'));
    return [...tally.noticed]
      .slice(0, 1)
      .map(
        ([what, { warning }]) =>
          `${warning ? '! ' : ''}${times[0]!.slice(0, 10)} ${what.replace(/^.* form |, a clock of 24 hours|; set `.*|: set `.*/g, '')}`,
      )
      .join();
  };
  assert.equal(await orderOf('01/02/20', '03/04/20', '20/04/20'), '2020-02-01 day-month-year');
  assert.equal(await orderOf('01/02/20', '03/04/20', '04/20/20'), '2020-01-02 month-day-year');
  assert.equal(await orderOf('2020/01/02', '2020/03/04'), '2020-01-02 year-month-day');
  const byTime = '; the order of its messages shows that';
  assert.equal(await orderOf('01/02/20', '05/01/20'), `2020-01-02 month-day-year${byTime}`);
  assert.equal(await orderOf('02/01/20', '01/05/20'), `2020-01-02 day-month-year${byTime}`);
  assert.equal(await orderOf('19. 3. 25', '19. 3. 26', '19. 4. 1'), `2019-03-25 year-month-day${byTime}`);
  assert.equal(await orderOf('10/03/05', '10/04/01', '10/04/09'), `2010-03-05 year-month-day${byTime}`);
  const guess = '; this is a guess, because no date has a day above 12 and their sequence does not decide it';
  assert.equal(await orderOf('01.02.20'), `! 2020-02-01 day-month-year${guess}`);
  assert.equal(await orderOf('01/02/20', '02/02/20', '03/02/20'), `! 2020-02-01 day-month-year${guess}`);
  assert.equal(await orderOf('02/01/20', '02/02/20', '02/03/20'), `! 2020-02-01 month-day-year${guess}`);
  assert.equal(
    await orderOf('20/01/20', '21/01/20', '01/20/20'),
    '! 2020-01-20 day-month-year; but not all of its dates fit that',
  );
});

test('reads dates in the order that is given', async (t) => {
  for (const [dateOrder, day] of [
    ['day-month-year', '2003-02-01'],
    ['month-day-year', '2003-01-02'],
    ['year-month-day', '2001-02-03'],
  ] as const) {
    const { times, tally } = await read(t, '01/02/03, 10:00 - Ann: x', { dateOrder });
    assert.equal(times[0]!.slice(0, 10), day);
    assert.deepEqual(
      [...tally.noticed].map(([what, { warning }]) => [what, warning]),
      [[`WhatsApp log with dates of the form ${dateOrder}, a clock of 24 hours, as \`dateOrder\` says`, undefined]],
    );
  }
});

test('converts times from the time zone of the phone', async (t) => {
  const { times } = await read(t, '30.06.20, 12:00 - Ann: x\n30.12.20, 12:00 - Ann: x\n', { timeZone: 'Europe/Sofia' });
  assert.deepEqual(times, ['2020-06-30T09:00:00', '2020-12-30T10:00:00']);
});

test('reports text before the first message, and an invalid date', async (t) => {
  const { tally, times, messages } = await read(t, 'lost\n31.02.20, 12:00 - Ann: x\n30.13.20, 12:00 - Ann: y\n');
  assert.deepEqual(tally.skipped.first, [{ place: '1', reason: 'it stands in front of the first message' }]);
  assert.deepEqual(
    [
      times,
      messages.length,
      tally.noticed.get('line with a date or a time of day that does not exist: its message has no time'),
    ],
    [[null, null], 2, { count: 2, first: '2', warning: true }],
  );
});

test('reads UTF-16, and system lines in another language', async (t) => {
  const log = Buffer.from(
    '\ufeff30.01.20, 12:00 - Ann: Най-после\n30.01.20, 12:01 - Ann: Съобщението бе изтрито\n',
    'utf16le',
  );
  const { conversations, tally } = await read(t, log, { messages: { systemLines: ['Съобщението бе .*'] } });
  assert.deepEqual([conversations.map(messageLines), tally.dropped], [[['Ann: Най-после']], { 'system line': 1 }]);
});

test('splits an endless message without losing any of it', async (t) => {
  const line = 'x'.repeat(1 << 19);
  const { messages, tally } = await read(t, `30.01.20, 12:00 - Ann: first\n${`${line}\n`.repeat(12)}`);
  assert.equal(
    messages.reduce((sum, { text }) => sum + text.replaceAll(/[^x]/g, '').length, 0),
    12 * line.length,
  );
  assert.deepEqual([tally.read, tally.kept], [messages.length, messages.length]);
});

test('a message whose date or time of day does not exist stays a message of its own, without a time, and is reported', async (t) => {
  const warningsOf = ({ noticed }: Awaited<ReturnType<typeof read>>['tally']) =>
    [...noticed].flatMap(([what, { warning, count, first }]) => (warning ? [`${first}: ${what} (${count})`] : []));
  const NO_TIME = 'line with a date or a time of day that does not exist: its message has no time';
  for (const [form, bad, other] of [
    [(date: string, time: string) => `${date}, ${time} - `, '32.13.21', '25:61'],
    [(date: string, time: string) => `${date}, ${time} - `, '30.12.21', '25:10'],
    [(date: string, time: string) => `${date}, ${time} - `, '31.02.21', '10:10'],
    [(date: string, time: string) => `[${date}, ${time}:59] `, '30.12.21', '12:61'],
    [(date: string, time: string) => `[${date}, ${time}:61] `, '30.12.21', '23:59'],
    [(date: string, time: string) => `${date} à ${time} - `, '30.12.21', '99:99'],
  ] as const) {
    const good = form('30.12.21', '10:00').replace(':61]', ':01]');
    const log = `${good}Ann: one\ntwo\n${form(bad, other)}Bo: three\nfour\n${good}Bo: five\n${good}Ann: six`;
    const { messages, tally, times } = await read(t, log, { dateOrder: 'day-month-year' });
    assert.deepEqual(
      messages.map(({ from, text }) => `${from}: ${text}`),
      ['Ann: one\ntwo', 'Bo: three\nfour', 'Bo: five', 'Ann: six'],
      log,
    );
    assert.equal(times[1], null, log);
    assert.deepEqual(warningsOf(tally), [`3: ${NO_TIME} (1)`], log);
  }
});

test('what people type like the head of a message stays text; the run warns where it has the form of this log', async (t) => {
  const good = '30.12.21, 10:00 - ';
  const typed = [
    '1.5. 25:00 - Ann: party',
    '24.12.2021',
    '25:61 - Ann: x',
    '30/12/21 25:00 Ann: x',
    'at 25:10: y',
    '30.12.21, 26:00 - bed',
  ];
  const plain = await read(t, `${good}Ann: plan\n${typed.join('\n')}\n${good}Ann: a\n${good}Bo: b`);
  assert.equal(plain.messages[0]!.text, `plan\n${typed.join('\n')}`);
  assert.ok(![...plain.tally.noticed.keys()].some((what) => what.includes('does not exist')));
  const joke = await read(t, `${good}Ann: plan\n31.12.21, 26:00 - Everybody: sleep\n${good}Ann: a\n${good}Bo: b`);
  assert.equal(joke.messages[0]!.text, 'plan\n31.12.21, 26:00 - Everybody: sleep');
  assert.ok(
    [...joke.tally.noticed].some(([what, { warning }]) => warning && what.includes('time of day that does not exist')),
  );
});
