import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { columnTimes } from '../../src/sources/tables/column-times.ts';
import { newTally } from '../../src/sources/tally.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { messageLines, readSource, type Choices } from './read-source.ts';

const valueTime = (value: unknown, timeZone = 'UTC') =>
  columnTimes({ column: 'when', timeZone, dateOrder: undefined, tally: newTally(), file: '' }).read(value);

test('reads counts of seconds to nanoseconds by magnitude, and dates as people and programs write them', () => {
  const wanted = Date.UTC(2020, 0, 2, 3, 4, 5);
  for (const value of [
    1577934245,
    '1577934245',
    '1577934245,0',
    1577934245000,
    '1577934245000',
    1577934245000000,
    '1577934245000000000',
    20200102030405,
    '20200102030405',
    '20200102T030405Z',
    '2020-01-02T03:04:05Z',
    '2020-01-02 03:04:05',
    '2020-01-02 03:04:05 UTC',
    '2020-01-02 03:04:05+00',
    '2020-01-01 19:04:05-08',
    '2020-01-02T05:04:05+02:00',
    '2020-01-02T05:04:05.000+0200',
    '2020-01-02T04:04:05+01:00[Europe/Berlin]',
    '2020-01-02T03:04:05,000Z',
    '2020/01/02 03:04:05',
    '2020.01.02. 3:04:05',
    'Jan 2, 2020 3:04:05 AM',
    'January 2nd, 2020 at 3:04:05 a.m.',
    '2 Jan 2020 03:04:05',
    'Thu, 2 Jan 2020 04:04:05 +0100',
    'Thu Jan  2 03:04:05 2020',
    'Thu Jan 02 2020 03:04:05 GMT+0000 (Coordinated Universal Time)',
    '2. Januar 2020 03:04:05 Uhr',
    '2 janv. 2020 à 03:04:05',
    '2 января 2020 г., 03:04:05',
    '2 de enero de 2020, 3:04:05',
    '2020年1月2日 3:04:05',
    '2020년 1월 2일 오전 3:04:05',
    '٢٠٢٠-٠١-٠٢ ٠٣:٠٤:٠٥',
    '3:04:05 2020-01-02',
    '\u200e2020-01-02,\u00a003:04:05',
  ])
    assert.equal(valueTime(value), wanted, String(value));
  assert.equal(valueTime('2020-01-02T03:04:05,250Z'), wanted + 250);
  assert.equal(valueTime('2020-01-02 03:04:05.123456789+00'), wanted + 123);
  assert.equal(valueTime('2020-01-02'), Date.UTC(2020, 0, 2));
  assert.equal(valueTime(20200102), Date.UTC(2020, 0, 2));
  assert.equal(valueTime('2020-06-02 03:04:05', 'Europe/Berlin'), Date.UTC(2020, 5, 2, 1, 4, 5));
  assert.equal(valueTime('2020-06-02 03:04:05Z', 'Europe/Berlin'), Date.UTC(2020, 5, 2, 3, 4, 5));
  assert.deepEqual(
    [99_999_999_999, 100_000_000_000, 99_999_999_999_999, 100_000_000_000_000].map((value) =>
      new Date(valueTime(value) as number).getUTCFullYear(),
    ),
    [5138, 1973, 5138, 1973],
  );
  for (const value of [
    '',
    'noon',
    null,
    undefined,
    {},
    '2020-13-02',
    '2020-02-30',
    '2020-02-30 00:00:00 UTC',
    '2020-01-02 03:04 EST',
    '2020-01-02 03:04 [Europe/Berlin]',
    '2020-01-02 25:04',
    '2020-01-02 03:60',
    '1,577,934,245',
    '3:04 AM',
    'see you on 2020-01-02 at 03:04',
    600000000000000000,
    `${'1/2/'.repeat(40)}2020`,
  ])
    assert.ok(Number.isNaN(valueTime(value)), String(value));
  assert.equal(valueTime('02/01/2020'), 'undecided');
});

async function timesIn(t: Parameters<typeof tempDir>[0], values: string[], choices: Partial<Choices> = {}) {
  const dir = tempDir(t);
  writeFiles(dir, { 'a.csv': `body,when\n${values.map((value, i) => `m${i},"${value}"\n`).join('')}` });
  const { conversations, tally } = await readSource('csv', join(dir, 'a.csv'), {
    columns: { text: 'body', time: 'when' },
    ...choices,
  });
  const times = new Map(conversations[0]!.messages.map(({ text, time }) => [text, time]));
  return {
    times: values.map((_, i) => {
      const time = times.get(`m${i}`)!;
      return time === null ? null : new Date(time).toISOString().slice(0, 16);
    }),
    warnings: [...tally.noticed].flatMap(([what, { warning, example, count }]) =>
      warning ? [`${count} ${what}${example === undefined ? '' : ` such as ${example}`}`] : [],
    ),
  };
}

test('decides the order of day and month by the whole column, wherever the deciding row stands', async (t) => {
  const filler = Array.from({ length: 3000 }, (_, i) => `0${1 + (i % 9)}/0${1 + (i % 7)}/2023 10:00`);
  const german = await timesIn(t, [...filler, '01/02/2023 20:49', '30/01/2023 20:49']);
  assert.deepEqual(german.times.slice(-2), ['2023-02-01T20:49', '2023-01-30T20:49']);
  assert.deepEqual(german.warnings, []);
  const american = await timesIn(t, ['1/2/23, 8:49 PM', '1/30/23, 12:05 AM']);
  assert.deepEqual(american, { times: ['2023-01-02T20:49', '2023-01-30T00:05'], warnings: [] });
  const dotted = await timesIn(t, ['30.01.2023 20:49:07', '1.2.2023 20.50', '1.2.99, 20:50:00,5']);
  const short = await timesIn(t, ['23/01/29 20:49', '23/01/30 20:49']);
  assert.deepEqual(short.times, ['2023-01-29T20:49', '2023-01-30T20:49']);
  assert.deepEqual(dotted, { times: ['2023-01-30T20:49', '2023-02-01T20:50', '1999-02-01T20:50'], warnings: [] });
});

test('warns of a guess, of dates that contradict each other, and of each kind of time that cannot be read', async (t) => {
  const guess = await timesIn(t, ['1/2/2023 10:00', '2/2/2023 10:00', '1/3/2023 10:00']);
  assert.deepEqual(guess.times, ['2023-02-01T10:00', '2023-02-02T10:00', '2023-03-01T10:00']);
  assert.match(guess.warnings.join(), /^1 file with dates of the form day-month-year .* a guess.*`dateOrder`/);
  const declared = await timesIn(t, ['1/2/2023 10:00', '2/2/2023 10:00'], { dateOrder: 'month-day-year' });
  assert.deepEqual(declared, { times: ['2023-01-02T10:00', '2023-02-02T10:00'], warnings: [] });
  const mixed = await timesIn(t, ['30/1/2023 10:00', '1/30/2023 10:00', '2023-01-30 10:00']);
  assert.deepEqual(mixed.times, [null, null, '2023-01-30T10:00']);
  assert.match(mixed.warnings.join('\n'), /contradict each other[^]*2 time in column "when" that cannot be read/);
  const bad = await timesIn(t, ['30.13.2023', 'Ann will call at 10', '30.13.2023', '44956.86', '']);
  assert.deepEqual(bad.warnings, [
    '3 time in column "when" that cannot be read: the message has none such as 30.13.2023',
    '1 time in column "when" that would be before 1980: the message has none such as 44956.86',
  ]);
  const apple = await timesIn(t, ['696804547', '1/2/1992 20:49']);
  assert.deepEqual(apple.times, ['1992-01-30T20:49', '1992-02-01T20:49']);
  assert.match(apple.warnings.join(), /^1 time in column "when" that would be before 2000: .*such as 696804547/);
  const words = await timesIn(t, ['Ann will call at 10 in March']);
  assert.match(words.warnings.join(), /such as … … … … 10 … March$/);
});

test('reads any time back from any notation of a column', () => {
  const two = (number: number): string => String(number).padStart(2, '0');
  const notations: ((date: Date) => string)[] = [
    (d) => d.toISOString(),
    (d) => d.toISOString().replace('T', ' ').replace('Z', '+00'),
    (d) => d.toISOString().replace('.', ',').replace('Z', ' UTC'),
    (d) => String(d.getTime() / 1000),
    (d) => `${d.getTime()}000000`,
    (d) => d.toUTCString(),
    (d) =>
      `${d.getUTCFullYear()}/${d.getUTCMonth() + 1}/${d.getUTCDate()} ${d.getUTCHours()}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`,
    (d) =>
      `${d.toLocaleDateString('zh-TW', { timeZone: 'UTC', dateStyle: 'full' })} ${d.toLocaleTimeString('en-US', { timeZone: 'UTC' })}`,
    (d) => d.toLocaleString('en-US', { timeZone: 'UTC', dateStyle: 'long', timeStyle: 'medium' }),
    ...['de', 'fr', 'es', 'it', 'ru', 'pt', 'nl', 'sv', 'uk', 'cs', 'fi', 'tr', 'hu', 'ko', 'ja', 'zh'].map(
      (language) => (d: Date) =>
        d.toLocaleString(language, {
          timeZone: 'UTC',
          day: 'numeric',
          month: 'long',
          year: 'numeric',
          hour: '2-digit',
          minute: '2-digit',
          second: '2-digit',
        }),
    ),
  ];
  fc.assert(
    fc.property(
      fc.date({ min: new Date('2001-01-01'), max: new Date('2079-12-31'), noInvalidDate: true }),
      fc.constantFrom(...notations),
      (date, write) => {
        date.setUTCMilliseconds(0);
        assert.equal(valueTime(write(date)), date.getTime(), write(date));
      },
    ),
    { numRuns: 2000 },
  );
});

test('turns rows that come newest first round, also those of the same minute', async (t) => {
  const dir = tempDir(t);
  const columns = { text: 'body', time: 'when', conversation: 'room' };
  const rows = [
    ['x', '20:50', 'four'],
    ['y', '20:50', 'two'],
    ['y', '20:50', 'one'],
    ['x', '20:49', 'three'],
    ['x', '20:49', 'two'],
    ['x', '20:49', 'one'],
  ];
  writeFiles(dir, {
    'a.csv': `room,when,body\n${rows.map(([room, time, body]) => `${room},2023-01-30 ${time},${body}\n`).join('')}`,
    'b.jsonl': rows
      .toReversed()
      .map(([room, time, body]) => `${JSON.stringify({ room, when: `2023-01-30 ${time}`, body })}\n`)
      .join(''),
  });
  for (const [format, file] of [
    ['csv', 'a.csv'],
    ['jsonl', 'b.jsonl'],
  ] as const) {
    const { conversations } = await readSource(format, join(dir, file), { columns });
    const lines = new Map(conversations.map((conversation) => [conversation.id, messageLines(conversation)]));
    assert.deepEqual(lines.get('x'), [': one', ': two', ': three', ': four'], file);
    assert.deepEqual(lines.get('y'), [': one', ': two'], file);
  }
});
