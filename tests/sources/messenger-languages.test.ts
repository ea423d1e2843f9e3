import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { asMojibake, messageLines, readSource, type Choices } from './read-source.ts';

const block = (from: string, words: string, date: string) =>
  `<div class="_3-95 _a6-g"><div class="_2ph_ _a6-h _a6-i">${from}</div><div class="_2ph_ _a6-p"><div><div></div><div>${words}</div><div></div><div></div></div></div><div class="_3-94 _a6-o"><div class="_a72d">${date}</div></div></div>`;
const page = (participants: string, ...blocks: string[]) =>
  `<html><body class="_5vb_"><div class="_a706" role="main"><div class="_3-95 _a6-g"><div class="_2ph_ _a6-h _a6-i">${participants}</div><div class="_2ph_ _a6-p"></div></div>${blocks.join('')}</div></body></html>`;

async function readPage(t: TestContext, html: string, choices: Choices = {}) {
  const dir = tempDir(t);
  writeFiles(dir, { 'messages/inbox/ben_1/message_1.html': html });
  return readSource('messenger', dir, { timeZone: 'Europe/Berlin', ...choices });
}

/** Newest first, in the forms that Facebook has used over the years. */
const PAGES: Record<string, [participants: string, newer: string, older: string]> = {
  de: ['Teilnehmer: Ann und Ben', '30. Januar 2023 20:50', '30. Jan. 2023, 20:49:07'],
  'de, with a weekday': [
    'Teilnehmer: Ann',
    'Montag, 30. Januar 2023 um 20:50 UTC+01',
    'Montag, 30. Januar 2023 um 20:49 UTC+01',
  ],
  fr: ['Participants : Ann et Ben', '30 janv. 2023 20:50:07', '30 janv. 2023 20:49:07'],
  es: ['Participantes: Ann y Ben', '30 ene 2023 8:50 p. m.', '30 de enero de 2023 a las 8:49 p. m.'],
  pt: ['Participantes: Ann e Ben', '30 de jan. de 2023 20:50', '30 de janeiro de 2023 às 20:49'],
  it: ['Partecipanti: Ann e Ben', '30 gen 2023, 20:50', 'lunedì 30 gennaio 2023 alle ore 20:49 UTC+01'],
  pl: ['Uczestnicy: Ann i Ben', '30 sty 2023 20:50', '30 stycznia 2023 20:49'],
  ru: ['Участники: Ann и Ben', '30 янв. 2023 г., 20:50', '30 января 2023 г. в 20:49'],
  hu: ['Résztvevők: Ann és Ben', '2023. jan. 30. 20:50', '2023. január 30. 20:49'],
  tr: ['Katılımcılar: Ann ve Ben', '30 Oca 2023 20:50', '30 Ocak 2023 20:49'],
  ja: ['参加者: Ann、Ben', '2023年1月30日 20:50', '2023年1月30日 20:49'],
  ko: ['참가자: Ann, Ben', '2023년 1월 30일 오후 8:50', '2023년 1월 30일 오후 8:49'],
  zh: ['参与者：Ann和Ben', '2023年1月30日 下午8:50', '2023年1月30日 下午8:49'],
  vi: ['Người tham gia: Ann và Ben', '20:50 30 Tháng 1, 2023', '20:49 30 Tháng 1, 2023'],
  th: ['ผู้เข้าร่วม: Ann และ Ben', '30 ม.ค. 2566 20:50', '30 มกราคม 2566 เวลา 20:49'],
  'numbers, by a later day': ['Teilnehmer: Ann', '30.01.2023, 20:50', '30.01.2023, 20:49'],
};

test('reads pages of accounts in any language', async (t) => {
  for (const [language, [participants, newer, older]] of Object.entries(PAGES)) {
    const { conversations, tally } = await readPage(
      t,
      page(participants, block('Ann', 'two', newer), block('Ben', 'one', older)),
    );
    assert.deepEqual(conversations.map(messageLines), [['Ben: one', 'Ann: two']], language);
    assert.deepEqual(
      conversations[0]!.messages.map(({ time }) => new Date(time!).toISOString().slice(0, 16)),
      ['2023-01-30T19:49', '2023-01-30T19:50'],
      language,
    );
    assert.deepEqual(tally.dropped, {}, language);
  }
});

test('says so where the language or the order of a date is a guess, and where no language fits', async (t) => {
  const guessed = await readPage(t, page('Teilnehmer: Ann', block('Ann', 'one', '03.04.2023, 20:50')));
  assert.deepEqual([...guessed.tally.noticed.keys()].filter((what) => /guessed/.test(what)).length, 1);
  const set = await readPage(t, page('Teilnehmer: Ann', block('Ann', 'one', '03.04.2023, 20:50')), {
    dateOrder: 'month-day-year',
  });
  assert.equal(new Date(set.conversations[0]!.messages[0]!.time!).toISOString().slice(0, 10), '2023-03-04');
  assert.ok(![...set.tally.noticed.keys()].some((what) => /guessed/.test(what)));
  const { conversations, tally } = await readPage(t, page('x: Ann', block('Ann', 'one', '3 qwertz 2023 20:50')));
  assert.equal(conversations.length, 0);
  assert.match(tally.skipped.first[0]!.reason, /cannot be read in any known language: download the export in JSON/);
});

async function readJson(t: TestContext, messages: object[]) {
  const dir = tempDir(t);
  const at = (index: number) => 1_675_108_140_000 - index * 60_000;
  writeFiles(dir, {
    'messages/inbox/ben_1/message_1.json': {
      participants: [{ name: 'Ann Example' }, { name: 'Ben Example' }],
      messages: messages.map((message, index) => ({ sender_name: 'Ann Example', timestamp_ms: at(index), ...message })),
    },
  });
  return readSource('messenger', dir);
}

test('tells the lines of the app from what people typed, in any language', async (t) => {
  const lines = [
    { content: 'Ann hat eine Sprachnachricht gesendet.', audio_files: [{ uri: 'a.mp3' }] },
    { content: 'Wysłano wiadomość głosową', audio_files: [{ uri: 'a.mp3' }] },
    { content: 'Du hast ein Foto gesendet.', photos: [{ uri: 'a.jpg' }] },
    { content: 'Ann a envoyé une photo.', photos: [{ uri: 'a.jpg' }] },
    ...[
      'Hat mit 👍 auf deine Nachricht reagiert ',
      'A réagi avec ❤ à votre message ',
      'Reaccionó con 😆 a tu mensaje ',
      'Ha reagito con 👍🏽 al tuo messaggio ',
      'Reagiu com 😮 à sua mensagem ',
      'Отреагировал(-а) 👍 на ваше сообщение ',
      'Mesajına 👍 ifadesini bıraktı ',
      'Ha reagito con 👍 al tuo messaggio',
      'Ann hat mit ❤️ auf deine Nachricht reagiert.',
    ].map((content) => ({ content: asMojibake(content) })),
    ...[
      'Ann hat die Gruppe «Cats» genannt.',
      'Ann Example a nommé le groupe Cats.',
      'Ann ha impostato il soprannome di Ben.',
      'Ann cambió el apodo de Ben.',
    ].map((content) => ({ content: asMojibake(content) })),
    { content: 'Du hast Ben angerufen.', call_duration: 0 },
    { content: 'hallo Ben' },
    { content: 'Ihr seid jetzt auf Messenger verbunden' },
  ];
  const { conversations, tally } = await readJson(t, lines);
  assert.deepEqual(messageLines(conversations[0]!), ['Ann Example: hallo Ben']);
  assert.deepEqual(tally.dropped, { audio: 2, photo: 2, 'reaction line': 9, 'system line': 5, call: 1 });
});

test('keeps what people typed although it looks a little like a line of the app', async (t) => {
  const typed = [
    'Ann is tired.',
    'Ann likes the group and its design, the theme and every emoji.',
    'I love you ❤ so much',
    'so funny 😆😆 really ',
    'ok ',
    'Mein Chef hat nicht auf meine Nachricht reagiert 😆',
    'the group meets at nine.',
    'Ben hat die Gruppe verlassen.',
    'are you on Messenger?',
    'Messenger is slow today',
    'hi',
  ];
  const { conversations } = await readJson(t, [
    ...typed.map((content) => ({ content: asMojibake(content) })),
    { content: 'my cat, Ann', photos: [{ uri: 'a.jpg' }] },
    { content: 'first' },
  ]);
  assert.deepEqual(conversations[0]!.messages.map(({ text }) => text).reverse(), [...typed, 'my cat, Ann', 'first']);
});
