import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { readSource, messageLines, type Choices } from './read-source.ts';

async function read(t: Parameters<typeof tempDir>[0], lines: string[], choices: Choices = {}) {
  const dir = tempDir(t);
  writeFiles(dir, { 'chat.txt': lines.join('\n') });
  const { conversations, tally } = await readSource('whatsapp', join(dir, 'chat.txt'), choices);
  return {
    lines: conversations.flatMap(messageLines),
    times: conversations.flatMap(({ messages }) =>
      messages.map(({ time }) => (time === null ? null : new Date(time).toISOString().slice(0, 16))),
    ),
    tally,
  };
}

test('reads every notation of date and time', async (t) => {
  const notations: [prefix: string, time: string][] = [
    ['02.05.18 à 18:00 - ', '2018-05-02T18:00'],
    ['13/05/2018 às 18:00 - ', '2018-05-13T18:00'],
    ['13.05.18 um 18:00 - ', '2018-05-13T18:00'],
    ['13.5.2018 klo 18.00 - ', '2018-05-13T18:00'],
    ['13. 5. 2018 18:00 - ', '2018-05-13T18:00'],
    ['2018. 05. 13. 18:00 - ', '2018-05-13T18:00'],
    ['13/5/18 6:00 μ.μ. - ', '2018-05-13T18:00'],
    ['13/5/2018, 6:00 p. m. - ', '2018-05-13T18:00'],
    ['2018/5/13 下午6:00 - ', '2018-05-13T18:00'],
    ['2018年5月13日 午後6:00 - ', '2018-05-13T18:00'],
    ['2018年5月13日18時00分 - ', '2018-05-13T18:00'],
    ['2018년 5월 13일 오후 6:00 - ', '2018-05-13T18:00'],
    ['[2018. 5. 13. 오후 6:00:10] ', '2018-05-13T18:00'],
    ['[18:00, 13/5/2018] ', '2018-05-13T18:00'],
    ['18:00 13/5/2018 - ', '2018-05-13T18:00'],
    ['[下午6:00, 2018/5/13] ', '2018-05-13T18:00'],
    ['13/5/2018，18：00 - ', '2018-05-13T18:00'],
    ['2018/5/13、18:00 - ', '2018-05-13T18:00'],
    ['‏13‏/5‏/2018، 6:00 م - ', '2018-05-13T18:00'],
    ['١٣‏/٥‏/٢٠١٨، ٦:٠٠ م - ', '2018-05-13T18:00'],
    ['۲۰۱۸/۵/۱۳،‏ ۱۸:۰۰ - ', '2018-05-13T18:00'],
    ['१३/५/२०१८, ६:०० अपराह्न - ', '2018-05-13T18:00'],
    ['১৩/৫/১৮, ৬:০০ PM - ', '2018-05-13T18:00'],
    ['13/5/18, 6:00 หลังเที่ยง - ', '2018-05-13T18:00'],
    ['13/5/18, 6:00 ก่อนเที่ยง - ', '2018-05-13T06:00'],
    ['13-05-18 6:00 పూ - ', '2018-05-13T06:00'],
    ['13/5/2561 18:00 - ', '2018-05-13T18:00'],
    ['๑๓/๕/๖๑ ๑๘:๐๐ - ', '2018-05-13T18:00'],
    ['۱۳۹۷/۲/۲۳،‏ ۱۸:۰۰ - ', '2018-05-13T18:00'],
    ['27‏/8‏/1439 هـ، 6:00 م - ', '2018-05-13T18:00'],
    ['平成30年5月13日 18:00 - ', '2018-05-13T18:00'],
    ['令和元年5月13日 18:00 - ', '2019-05-13T18:00'],
    ['R1/5/13 18:00 - ', '2019-05-13T18:00'],
    ['2018-05-13 18 h 00 - ', '2018-05-13T18:00'],
    ['2018-05-13, 6:00:08 PM: ', '2018-05-13T18:00'],
    ['13/5/18 18:00:09: ', '2018-05-13T18:00'],
    ['13-05-18 18:00:45 ', '2018-05-13T18:00'],
    ['2018-05-13 18:00 ', '2018-05-13T18:00'],
    ['13/5/18 24:10 - ', '2018-05-13T00:10'],
  ];
  for (const [prefix, time] of notations) {
    const { lines, times, tally } = await read(t, [`${prefix}Ann Lee: one: two`, 'three', `${prefix}Ben: four`], {
      dateOrder: 'day-month-year',
    });
    assert.deepEqual(
      [lines, times],
      [
        ['Ann Lee: one: two\nthree', 'Ben: four'],
        [time, time],
      ],
      prefix,
    );
    assert.equal(tally.skipped.count, 0);
  }
});

test('tells unknown words for the halves of the day by their order, else warns', async (t) => {
  const { times, tally } = await read(t, [
    '13/5/18 9:00 vuh - Ann: a',
    '13/5/18 9:00 nuh - Ann: b',
    '14/5/18 12:10 vuh - Ann: c',
    '14/5/18 12:10 nuh - Ann: d',
  ]);
  assert.deepEqual(times, ['2018-05-13T09:00', '2018-05-13T21:00', '2018-05-14T00:10', '2018-05-14T12:10']);
  assert.ok([...tally.noticed.values()].every(({ warning }) => !warning));
  const lost = await read(t, ['13/5/18 9:00 vuh - Ann: a', '14/5/18 9:00 nuh - Ann: b']);
  assert.match([...lost.tally.noticed].find(([, { warning }]) => warning)![0], /hours may be wrong by twelve/);
});

test('takes pasted or typed prefixes of another form for text, and says so', async (t) => {
  const own = Array.from({ length: 8 }, (_, i) => `13/05/18 à 1${i}:00 - Ann: ${i}`);
  const pasted = '[12:30, 1/5/2018] Ben: old news';
  const { lines, tally } = await read(t, [
    ...own.slice(0, 4),
    pasted,
    '12.5.2018 12:30 Meeting: bring cake',
    ...own.slice(4),
  ]);
  assert.equal(lines.length, 8);
  assert.equal(lines[3], `Ann: 3\n${pasted}\n12.5.2018 12:30 Meeting: bring cake`);
  assert.deepEqual(
    tally.noticed.get('line that begins like a message, but in another form than the others: read as text'),
    { count: 1, first: '5' },
  );
  const two = await read(t, ['13/05/18, 10:00 - Ann: a', '[14.05.18, 10:00:10] Ann: b', '[14.05.18, 10:00:11] Ben: c']);
  assert.deepEqual([two.lines.length, two.times], [3, ['2018-05-13T10:00', '2018-05-14T10:00', '2018-05-14T10:00']]);
});

test('warns where many lines begin with a date and time that cannot be read', async (t) => {
  const lines = ['13/05/18, 10:00 - Ann: a', '13/05/18, 10:01 | Ben: b', '14/05/18, 10:02 | Ben: c'];
  const { tally } = await read(t, lines);
  assert.deepEqual(
    [...tally.noticed].filter(([, { warning }]) => warning).map(([what, { first }]) => [what.slice(0, 37), first]),
    [['line that begins with a date and time', '2']],
  );
});

test('reads names with or without a space behind their colon', async (t) => {
  assert.deepEqual(
    (
      await read(t, [
        '[2026/7/9 02:28:09] Alice: Hey',
        '[2026/7/9 02:28:37] Bob:Hi',
        '[2026/7/9 02:29:01] Alice: how: are you',
        '[2026/7/10 02:30:01] Bob:see: this',
        '[2026/7/10 02:30:02] Alice:12:30 is fine',
      ])
    ).lines,
    ['Alice: Hey', 'Bob: Hi', 'Alice: how: are you', 'Bob: see: this', 'Alice: 12:30 is fine'],
  );
  assert.deepEqual((await read(t, ['02-12-18 22:55:45 Eva:', 'Testje', '13-12-18 09:00:01 Jan: ja'])).lines, [
    'Eva: \nTestje'.replace(' \n', ' '),
    'Jan: ja',
  ]);
  assert.deepEqual((await read(t, ['13/5/18, 10:00 - Re:Mix: a', '13/5/18, 10:01 - Re:Mix: b'])).lines, [
    'Re:Mix: a',
    'Re:Mix: b',
  ]);
});

test('takes odd names for people, and app lines with colons for app lines', async (t) => {
  const names = [
    'Bob "Bobby" Stone',
    'Ann - work',
    'Left Bank Café',
    'Amy left Berlin',
    '🤓',
    '+359 88 123',
    'A/B (old)',
    'Du „Lu“ Xi',
  ];
  const people = names.map((name, i) => `30/01/19, 20:${10 + i} - ${name}: text`);
  const app = [
    'Zoë created group "a: b"',
    'Zoë changed the subject from "a" to "b: c"',
    'Zoë hat den Betreff zu „b: c“ geändert',
    'Zoë added Ben: the plumber',
    'You changed this: all',
    'Zoë left',
    'Zoë changed the link to https://a.b/c',
    'Zoë set 12:30',
  ].map((line) => `30/01/19, 20:30 - ${line}`);
  const { lines, tally } = await read(t, ['30/01/19, 20:00 - Zoë: hi', ...people, ...app]);
  assert.deepEqual(lines, ['Zoë: hi', ...names.map((name) => `${name}: text`)]);
  assert.deepEqual(tally.dropped, { 'system line': app.length });
});

test('iPhone: drops what the app writes in any language, by its mark, and nothing that people type', async (t) => {
  const lrm = '\u200e';
  const lines = [
    `Klettern: ${lrm}Nachrichten und Anrufe sind verschlüsselt.`,
    `Boris: ${lrm}Boris hat die Gruppe „Klettern: 2“ erstellt`,
    `Klettern: ${lrm}Boris hat dich hinzugefügt`,
    `Boris: Boris added you to the list, lol`,
    `Boris: ${lrm}immagine omessa`,
    `Boris: ${lrm}<allegato: 00000042-PHOTO-2021-11-13-00-31-10.jpg>`,
    `Boris: schau ${lrm}<Anhang: 00000043-VIDEO-2021-11-13-00-31-10.mp4>`,
    `~\u202fDina: ho ${lrm}<Diese Nachricht wurde bearbeitet.>`,
    `~\u202fDina: ${lrm}Diese Nachricht wurde gelöscht.`,
    `Dina: plan.pdf • ${lrm}3 Seiten ${lrm}Dokument weggelassen`,
    `Dina: ${lrm}POLL:\n${lrm}OPTION: a`,
    `Dina: I see <b> and <3`,
    `Dina: <3`,
    `Dina: @\u2068Boris\u2069 left the group`,
  ].map((line, i) => `${i % 2 ? lrm : ''}[14.08.2024, 21:00:${10 + i}] ${line}`);
  const { lines: kept, tally } = await read(t, lines);
  assert.deepEqual(kept, [
    'Boris: Boris added you to the list, lol',
    'Boris: schau',
    'Dina: ho',
    'Dina: I see <b> and <3',
    'Dina: <3',
    'Dina: @Boris left the group',
  ]);
  assert.deepEqual(tally.dropped, { 'system line': 4, media: 1, photo: 1, unsent: 1, file: 1 });
});

test('iPhone without marks: the group is no person, words tell what the app wrote, and the run warns', async (t) => {
  const notices: [string, string, string][] = [
    ['Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt.', 'Bild weggelassen', 'hat die Gruppe erstellt'],
    ['Messages and calls are end-to-end encrypted. Only you can read them.', 'image omitted', 'created this group'],
    ['Los mensajes y las llamadas están cifrados de extremo a extremo.', 'imagen omitida', 'creó este grupo'],
    ['As mensagens e ligações são protegidas com a criptografia de ponta a ponta.', 'imagem omitida', 'criou o grupo'],
    ['Сообщения и звонки защищены сквозным шифрованием.', 'изображение пропущено', 'создал группу'],
    ['Mesajlar ve aramalar uçtan uca şifrelidir.', 'görüntü dahil edilmedi', 'grubu kurdu'],
  ];
  for (const [notice, photo, created] of notices) {
    const lines = [
      `Klettern: ${notice}`,
      `Klettern: Ann ${created}`,
      'Ann: hi',
      `Ben: ${photo}`,
      `Ben: Ben ${created}`,
      'Cem: I see that one thing was omitted',
    ].map((line, i) => `[14.08.2024, 21:00:${10 + i}] ${line}`);
    const group = await read(t, lines);
    assert.deepEqual(group.lines, ['Ann: hi', 'Cem: I see that one thing was omitted'], notice);
    assert.match([...group.tally.noticed].find(([, { warning }]) => warning)![0], /without the invisible marks/);
    // Of two people, one gives the chat its name.
    const two = await read(t, [lines[0]!.replace('Klettern', 'Ann'), ...lines.slice(2, 4)]);
    assert.deepEqual(two.lines, ['Ann: hi'], notice);
  }
});

test('reads names with a colon and a space of people who keep writing, and warns', async (t) => {
  const own = Array.from({ length: 4 }, (_, i) => `14/08/24, 21:0${i} - Dr: Who 🎩: message ${i}`);
  const { lines, tally } = await read(t, [...own, '14/08/24, 22:00 - Ann: see: this', '14/08/24, 22:01 - Ann: ok']);
  assert.deepEqual(lines.slice(3), ['Dr: Who 🎩: message 3', 'Ann: see: this', 'Ann: ok']);
  assert.ok([...tally.noticed].some(([what, { warning }]) => warning && what.includes('name that seems to hold')));
  const marked = await read(t, [
    '[14.08.24, 21:00:07] Climbing: 2024: \u200eMessages and calls are encrypted.',
    '[14.08.24, 21:00:08] Ann: see: \u200e<attached: 00000001-PHOTO-2024-08-14-21-00-00.jpg>',
  ]);
  assert.deepEqual([marked.lines, marked.tally.dropped], [['Ann: see:'], { 'system line': 1 }]);
});

test('decides the order of dates by what begins messages, for each export that the file holds', async (t) => {
  const pasted = await read(t, [
    '[01/13/19, 9:15:03 PM] Ann: a',
    '13/1/19, 9:30 - meeting',
    '[01/14/19, 9:15:03 PM] Ben: b',
  ]);
  assert.deepEqual(pasted.times, ['2019-01-13T21:15', '2019-01-14T21:15']);
  const two = await read(t, [
    '13/1/19, 21:15 - Ann: a',
    '2/1/19, 21:16 - Ben: b',
    '[1/14/19, 21:15:03] Ann: c',
    '[2/1/19, 21:16:03] Ben: d',
  ]);
  assert.deepEqual(two.times, ['2019-01-13T21:15', '2019-01-02T21:16', '2019-01-14T21:15', '2019-02-01T21:16']);
  for (const { tally } of [pasted, two]) assert.ok([...tally.noticed.values()].every(({ warning }) => !warning));
});

test('Android: drops placeholders in any language by their form, and nothing that people type', async (t) => {
  for (const phrase of [
    '<Medien ausgeschlossen>',
    '<Без медиафайлов>',
    '<省略多媒體檔案>',
    '<الوسائط غير مدرجة>',
    '<Media jätetty pois>',
  ]) {
    const typed = [
      '<3',
      '<b>',
      '<|endoftext|>',
      '<insert joke here>',
      '<Sigh>',
      '<Insert Joke Here>',
      'main.ts (the new one)',
      'I saw ' + phrase,
      'a <This is it>',
    ];
    const lines = [...typed, phrase, phrase].map((text, i) => `13.08.21, 12:${10 + i} - Eva: ${text}`);
    const { lines: kept, tally } = await read(t, lines);
    assert.deepEqual(
      kept,
      typed.map((text) => `Eva: ${text}`),
    );
    assert.deepEqual(tally.dropped, { media: 2 });
  }
  const app = [
    'IMG-20210803-WA0001.jpg (Datei angehängt)',
    'PTT-20210803-WA0001.opus (anything at all)',
    '\u200eplan.pdf (whatever)',
    'plan.pdf (archivo adjunto)',
    'Eliminaste este mensaje.',
    'Bu mesaj silindi',
  ].map((text, i) => `13.08.21, 12:${10 + i} - Eva: ${text}`);
  const { lines: kept, tally } = await read(t, [
    ...app,
    '13.08.21, 13:00 - Eva: IMG-20210803-WA0002.jpg (Datei angehängt)\nschau',
    '13.08.21, 13:01 - Eva: ja <Bu mesaj düzenlendi>',
  ]);
  assert.deepEqual(kept, ['Eva: schau', 'Eva: ja']);
  assert.deepEqual(tally.dropped, { photo: 1, audio: 1, file: 2, unsent: 2 });
});

test('Android: drops the placeholders of several kinds of media', async (t) => {
  for (const [all, once] of [
    ['<Media omitted>', '<View once voice message omitted>'],
    ['<Medien ausgeschlossen>', '<Einmalansicht ausgeschlossen>'],
    ['<Multimedia omitido>', '<Mensaje de voz de visualización única omitido>'],
  ] as const) {
    const texts = [all, all, once, '<Omitted scenes are great>', 'Waiting for this message. This may take a while.'];
    const { lines } = await read(
      t,
      texts.map((text, i) => `30/01/19, 20:0${i} - Ann: ${text}`),
    );
    assert.deepEqual(lines, ['Ann: <Omitted scenes are great>']);
  }
});

test('reads a carriage return alone as the end of a line', async (t) => {
  assert.deepEqual((await read(t, ['30/01/19, 20:49 - Ann: hello\rtwo\r30/01/19, 20:50 - Ben: hi\r'])).lines, [
    'Ann: hello\ntwo',
    'Ben: hi',
  ]);
});
