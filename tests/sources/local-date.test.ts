import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findDateStyle, localDate } from '../../src/sources/time/local-date.ts';

const LANGUAGES =
  'de fr es pt it nl pl ru tr id vi sv da nb fi cs sk hu ro bg el uk hr sr sl lt lv et ca eu is he hi th ar ko ja zh zh-TW ka bn ta ms fil sq mk az kk hy'.split(
    ' ',
  );
const DAYS = Array.from({ length: 12 }, (_, month) => Date.UTC(2023, month, 13 + month, month < 6 ? 8 : 20, 49, 7));

test('reads the dates of every language as Unicode writes them, in the long and the medium form', () => {
  for (const language of LANGUAGES)
    for (const dateStyle of ['full', 'long', 'medium'] as const) {
      const format = new Intl.DateTimeFormat(`${language}-u-ca-${language === 'th' ? 'buddhist' : 'gregory'}`, {
        dateStyle,
        timeStyle: 'medium',
        timeZone: 'UTC',
      });
      const dates = DAYS.map((time) => format.format(time));
      const finder = findDateStyle();
      dates.forEach((date) => finder.add(date));
      const style = finder.style();
      assert.ok(style, `${language}: ${dates[0]}`);
      for (const [index, date] of dates.entries()) {
        const found = localDate(date, style);
        const time = found && Date.UTC(found.year, found.month - 1, found.day, found.hour, found.minute, found.second);
        assert.equal(time, DAYS[index], `${language} ${dateStyle}: ${date} (read as ${style.words.language})`);
      }
    }
});

test('decides the order of day and month by all dates of a file, and says where it guessed', () => {
  const read = (...dates: string[]) => {
    const finder = findDateStyle();
    dates.forEach((date) => finder.add(date));
    const style = finder.style()!;
    return { ...localDate(dates[0]!, style), guessed: style.guessed };
  };
  assert.deepEqual(read('03/04/2023 20:49', '30/01/2023 20:49'), {
    year: 2023,
    month: 4,
    day: 3,
    hour: 20,
    minute: 49,
    second: 0,
    zoneMinutes: null,
    guessed: false,
  });
  assert.equal(read('03/04/2023 20:49', '01/30/2023 20:49').month, 3);
  assert.equal(read('03/04/2023 20:49').guessed, true);
  assert.equal(read('3 listopada 2023 20:49', '3 sierpnia 2023 20:49').month, 11);
  assert.equal(read('3. listopada 2023. 20:49', '3. kolovoza 2023. 20:49').month, 10);
  assert.equal(read('3 listopada 2023 20:49').guessed, true);
});

test('reads digits of any script, zones and years of the Buddhist calendar; refuses what is no date', () => {
  const style = (date: string) => {
    const finder = findDateStyle();
    finder.add(date);
    const found = finder.style();
    return found && localDate(date, found);
  };
  assert.equal(style('٣٠ يناير ٢٠٢٣ في ٨:٤٩ م')?.hour, 20);
  assert.equal(style('30 มกราคม 2566 เวลา 20:49')?.year, 2023);
  assert.equal(style('lunes, 30 de enero de 2017 a las 20:49 UTC-05')?.zoneMinutes, -300);
  assert.equal(style('30 sept 2023, 8:49 p. m.')?.hour, 20);
  for (const text of [
    '',
    '20:49',
    '31. Februar 2023 20:49',
    '30. Januar 2023',
    '30. Januar 2023 25:00',
    'x'.repeat(500),
  ])
    assert.equal(style(text), null, text.slice(0, 40));
});
