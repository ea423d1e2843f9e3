import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { likelyFormat } from '../../src/sources/formats.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { readSource } from './read-source.ts';

/** Locales that phones can be set to. The prefixes come from the platform's CLDR, as they do on a phone. */
const LOCALES =
  'af agq ak am ar ar-EG ar-SA-u-ca-gregory ar-SA-u-ca-islamic-umalqura as ast az ba bas be bem bg bm bn bn-u-nu-latn br bs ca ccp ce ceb cgg chr ckb cs cv cy da de de-AT de-CH el en en-AU en-CA en-CH en-DK en-FI en-GB en-IN en-NZ en-SE en-SG en-US-u-hc-h23 en-ZA eo es es-AR es-CL es-CO es-MX es-US et eu ewo fa fa-AF fa-u-ca-gregory ff fi fil fo fr fr-BE fr-CA fr-CH fur fy ga gl gsw gu gu-u-nu-gujr ha he hi hi-u-nu-deva hr hsb hu hy ia id ig is it ja ja-u-ca-japanese jv ka kab kam kea ki kk kl km km-u-nu-khmr kn kn-u-nu-knda ko ks ku kw ky lag lb lg lkt ln lo lo-u-nu-laoo lt luo lv mg mi mk ml ml-u-nu-mlym mn mr ms mt mua my naq nb ne nl nl-BE nn nnh nus or pa pa-PK pl ps pt pt-PT qu rm rn ro rof ru rw sa sah sat sc sd se sh si sk sl sn so sq sr sr-Latn su sv sw ta ta-u-nu-tamldec te te-u-nu-telu tg th th-u-nu-thai ti tk tn to tr tt twq tzm ug uk ur ur-IN uz uz-Arab vai vi wo xh yav yo yue zh zh-HK zh-TW zh-u-ca-roc zu'.split(
    ' ',
  );

/** Languages of iPhones before 2018. */
const OLD_IPHONES =
  'ar ca zh zh-TW zh-HK hr cs da nl en en-GB en-AU fi fr fr-CA de el he hi hu id it ja ko ms nb pl pt pt-PT ro ru sk es es-MX sv th tr uk vi'.split(
    ' ',
  );

interface Wrapping {
  name: string;
  timeStyle: 'short' | 'medium';
  wrap(prefix: string): string;
  /** what the app itself writes first */
  opening: string;
}

const WRAPPINGS: Wrapping[] = [
  { name: 'Android', timeStyle: 'short', wrap: (prefix) => `${prefix} - `, opening: 'Messages are encrypted.' },
  {
    name: 'iPhone',
    timeStyle: 'medium',
    wrap: (prefix) => `[${prefix}] `,
    opening: 'Ann Lee: \u200eMessages are encrypted.',
  },
  {
    name: 'old iPhone',
    timeStyle: 'medium',
    wrap: (prefix) => `${prefix}: `,
    opening: '\u200eMessages are encrypted.',
  },
];

const HOUR = 3_600_000;
/** Mornings, noons, afternoons and midnights of three weeks, with pauses of a few hours. */
const TIMES = Array.from({ length: 40 }, (_, i) => Date.UTC(2019, 2, 5, 8, 9, 10) + i * 11 * HOUR + (i % 7) * 600_000);

/** Prefixes with words inside the time or Roman months are in no form that can be told from text. */
const UNREADABLE = /^(dz|haw)$/;

test('reads the prefixes of every locale, on every kind of phone, as 12-hour and 24-hour clock', async (t) => {
  const dir = tempDir(t);
  const faults: string[] = [];
  let read = 0;
  for (const locale of [...LOCALES, 'dz', 'haw'])
    for (const { name, timeStyle, wrap, opening } of WRAPPINGS)
      for (const hour12 of [true, false]) {
        if (name === 'old iPhone' && !OLD_IPHONES.includes(locale)) continue;
        const format = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle, hour12, timeZone: 'UTC' });
        const log = TIMES.map(
          (time, i) => `${wrap(format.format(time))}${i % 3 ? 'Zoë' : 'Ann Lee'}: text ${i}, ok\nsecond line\n`,
        );
        writeFiles(dir, { 'a.txt': `${wrap(format.format(TIMES[0]))}${opening}\n${log.join('')}` });
        const path = join(dir, 'a.txt');
        const what = `${locale}, ${name}, ${hour12 ? '12' : '24'} hours: ${log[20]!.split('Zoë')[0]}`;
        const likely = await likelyFormat(path);
        if (UNREADABLE.test(locale)) {
          if (likely === 'text') faults.push(`${what} is taken for text`);
          continue;
        }
        if (likely !== 'whatsapp') faults.push(`${what} is taken for ${likely}`);
        const { conversations } = await readSource('whatsapp', path);
        const messages = conversations.flatMap((conversation) => conversation.messages);
        const unit = timeStyle === 'short' ? 60_000 : 1000;
        const wanted = TIMES.map((time, i) => ({
          from: i % 3 ? 'Zoë' : 'Ann Lee',
          time: Math.floor(time / unit) * unit,
          text: `text ${i}, ok\nsecond line`,
        }));
        read++;
        const wrong = wanted.findIndex((message, i) => JSON.stringify(message) !== JSON.stringify(messages[i]));
        if (wrong !== -1 || messages.length !== wanted.length)
          faults.push(
            `${what}: ${messages.length} messages; ${JSON.stringify([new Date(wanted[wrong]?.time ?? 0), new Date(messages[wrong]?.time ?? 0), messages[wrong]])}`,
          );
      }
  assert.deepEqual(faults, []);
  assert.ok(read > 600);
});
