import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { englishDate } from '../../src/sources/time/english-date.ts';
import { isTimeZone, zoneClock } from '../../src/sources/time/local-time.ts';

test('reads the date formats that Facebook has used', () => {
  for (const [text, wanted] of [
    ['Oct 19, 2019, 2:37 PM', [2019, 10, 19, 14, 37, 0, null]],
    ['Oct 19, 2019 at 2:37 PM', [2019, 10, 19, 14, 37, 0, null]],
    ['October 19, 2019 at 2:37:05 PM', [2019, 10, 19, 14, 37, 5, null]],
    ['Oct 19, 2019 2:37:05 pm', [2019, 10, 19, 14, 37, 5, null]],
    ['Oct 19, 2019, 2:37\u202fPM', [2019, 10, 19, 14, 37, 0, null]],
    ['Oct 19, 2019, 12:00 AM', [2019, 10, 19, 0, 0, 0, null]],
    ['Oct 19, 2019, 12:00 PM', [2019, 10, 19, 12, 0, 0, null]],
    ['19 Oct 2019, 14:37', [2019, 10, 19, 14, 37, 0, null]],
    ['19 October 2019 at 14:37:05', [2019, 10, 19, 14, 37, 5, null]],
    ['Saturday, October 19, 2019 at 2:37pm UTC+02', [2019, 10, 19, 14, 37, 0, 120]],
    ['Saturday, 19 October 2019 at 14:37 UTC-03:30', [2019, 10, 19, 14, 37, 0, -210]],
    ['Oct 19, 2019, 2:37 PM UTC', [2019, 10, 19, 14, 37, 0, 0]],
    ['Sept. 1, 2020, 1:02 a.m.', [2020, 9, 1, 1, 2, 0, null]],
    ['Feb 29, 2020, 1:02 AM', [2020, 2, 29, 1, 2, 0, null]],
  ] as const) {
    const date = englishDate(text);
    assert.deepEqual(date && Object.values(date), wanted, text);
  }
});

test('rejects invalid and ambiguous dates', () => {
  for (const text of [
    '',
    '10/19/2019, 2:37 PM',
    '19.10.2019, 14:37',
    '19 oct. 2019 à 14:37',
    'Okt 19, 2019, 14:37',
    'Oct 19, 2019',
    'Oct 32, 2019, 2:37 PM',
    'Feb 29, 2019, 1:02 AM',
    'Oct 19, 2019, 13:37 PM',
    'Oct 19, 2019, 0:37 PM',
    'Oct 19, 2019, 24:00',
    'Oct 19, 2019, 2:37 PM, I think',
    'Mayor 19, 2019, 2:37',
    ' '.repeat(1000),
  ])
    assert.equal(englishDate(text), null, text);
});

test('converts local times in summer, in winter, and around clock changes', () => {
  const utc = (zone: string, ...[year, month, day, hour, minute]: number[]) =>
    new Date(
      zoneClock(zone)({ year: year!, month: month!, day: day!, hour: hour!, minute: minute!, second: 0 }),
    ).toISOString();
  assert.equal(utc('UTC', 2019, 10, 19, 14, 37), '2019-10-19T14:37:00.000Z');
  assert.equal(utc('Europe/Sofia', 2019, 10, 19, 14, 37), '2019-10-19T11:37:00.000Z');
  assert.equal(utc('Europe/Sofia', 2019, 12, 19, 14, 37), '2019-12-19T12:37:00.000Z');
  assert.equal(utc('Asia/Kathmandu', 2019, 1, 1, 0, 0), '2018-12-31T18:15:00.000Z');
  // In Berlin, 02:30 occurred twice on 27 October 2019, first in summer time, and was skipped on 31 March 2019.
  assert.equal(utc('Europe/Berlin', 2019, 10, 27, 2, 30), '2019-10-27T00:30:00.000Z');
  assert.equal(utc('Europe/Berlin', 2019, 10, 27, 3, 0), '2019-10-27T02:00:00.000Z');
  assert.equal(utc('Europe/Berlin', 2019, 3, 31, 2, 30), '2019-03-31T01:30:00.000Z');
  assert.equal(utc('Europe/Berlin', 2019, 3, 31, 3, 0), '2019-03-31T01:00:00.000Z');
  assert.ok(isTimeZone('America/New_York') && !isTimeZone('Mars/Base'));
});

test('local time converts back to the same moment (or one hour off if it occurred twice)', () => {
  for (const timeZone of ['America/New_York', 'Australia/Lord_Howe', 'Europe/Dublin', 'Asia/Kolkata', 'Pacific/Apia']) {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      dateStyle: 'short',
      timeStyle: 'medium',
    });
    const read = zoneClock(timeZone);
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2008, 0) / 1000, max: Date.UTC(2026, 0) / 1000 }), (seconds) => {
        const [month, day, year, hour, minute, second] = format
          .format(seconds * 1000)
          .split(/[^\d]+/)
          .map(Number) as [number, number, number, number, number, number];
        const found = read({ year: 2000 + year, month, day, hour, minute, second });
        assert.ok(found <= seconds * 1000, 'picks the first of two possible moments');
        assert.equal(format.format(found), format.format(seconds * 1000));
      }),
    );
  }
});
