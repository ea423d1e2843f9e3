import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { SourceFormat } from '../../src/sources/format-names.ts';
import { likelyFormat } from '../../src/sources/formats.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import {
  imessagePage,
  imessageText,
  kakaoWindows,
  lineJapanese,
  signalExport,
  sigtopLong,
  sigtopShort,
} from '../soak/text-exports.ts';
import { messageLines, readSource, type Choices } from './read-source.ts';

/** Reads a file that must be recognized as this format, and returns its lines, times and what was dropped. */
async function read(t: TestContext, format: SourceFormat, name: string, content: string, choices: Choices = {}) {
  const dir = tempDir(t);
  writeFiles(dir, { [name]: content });
  assert.equal(await likelyFormat(join(dir, name)), format, 'as a file');
  assert.equal(await likelyFormat(dir), format, 'as a folder');
  const { conversations, tally } = await readSource(format, dir, choices);
  return {
    lines: conversations.flatMap(messageLines),
    times: conversations.flatMap(({ messages }) =>
      messages.map(({ time }) => time && new Date(time).toISOString().slice(0, 16)),
    ),
    dropped: tally.dropped,
    warnings: [...tally.noticed].flatMap(([what, { warning }]) => (warning ? [what] : [])),
    conversations,
  };
}

test('signal-export: only words remain', async (t) => {
  const { lines, times, dropped } = await read(t, 'signal', 'Aya/chat.md', signalExport);
  assert.deepEqual(lines, [
    'Me: How is everyone?',
    "Aya: We're great!",
    'Me: nice\nand more',
    'Aya: look',
    'Me: > not a quote, (- not: reactions -) and [a](./b) (( x ))',
  ]);
  assert.equal(times[0], '2024-05-29T15:04');
  assert.deepEqual(dropped, { photo: 1, unsent: 1, sticker: 2, call: 1, empty: 1, media: 1, reaction: 2 });
  const shown = await read(t, 'signal', 'Aya/chat.md', signalExport, {
    messages: {
      reactions: 'message',
      stickers: 'placeholder',
      media: 'placeholder',
      calls: 'placeholder',
      captions: 'drop',
    },
  });
  assert.deepEqual(shown.lines.slice(2, 5), ['Me: [reacted 👍]', 'Bo Lee: [reacted ❤]', 'Aya: [photo]']);
  assert.deepEqual(shown.dropped, { unsent: 1, empty: 1, caption: 1 });
});

test('sigtop: both text forms', async (t) => {
  const shortOne = await read(t, 'signal', 'a.txt', sigtopShort);
  assert.deepEqual(shortOne.lines, ['Alice: Bob is right', 'Bob: Alice is wrong\nsecond line', 'You: [sic] brackets']);
  assert.deepEqual(shortOne.dropped, { media: 1, call: 1, 'system line': 1 });
  const longOne = await read(t, 'signal', 'a.txt', sigtopLong);
  assert.deepEqual(longOne.lines, ['Alice: Bob is right\nFrom: nobody\nreally', 'You: No, he is not', 'You: new text']);
  assert.deepEqual(longOne.times, ['2023-01-23T11:34', '2023-01-23T11:35', '2023-01-23T11:38']);
  assert.deepEqual(longOne.dropped, { reaction: 1, media: 1, call: 1 });
});

test('LINE: phones of several languages, tabs', async (t) => {
  const ja = await read(t, 'line', 'a.txt', lineJapanese);
  assert.deepEqual(ja.lines, ['森: こんにちは', '田中: 一行目\n二行目', '森: 元気？ 2024/07/05(金)']);
  assert.deepEqual(ja.times, ['2024-07-01T10:23', '2024-07-01T10:24', '2024-07-03T09:00']);
  assert.deepEqual(ja.dropped, { sticker: 1, call: 1, 'system line': 2 });
  const chinese = await read(
    t,
    'line',
    'b.txt',
    '[LINE] 與Ann的聊天記錄\r\n儲存日期：2024/01/03 09:00\r\n\r\n2024/1/2週二\r\n下午03:04\tAnn\thello\r\n上午12:05\tBen\t[照片]\r\n',
  );
  assert.deepEqual(
    [chinese.lines, chinese.times, chinese.dropped],
    [['Ann: hello'], ['2024-01-02T15:04'], { photo: 1 }],
  );
  const english = await read(
    t,
    'line',
    'c.txt',
    '[LINE] Chat history in Team\nSaved on: 8/30/2014 09:00\n\nThu, 8/14/2014\n03:04PM\tAnn Lee\thi\n03:05PM\tBen\t[Photo]\n\nMon, 9/1/2014\n12:01AM\tBen\tlate\n',
  );
  assert.deepEqual(
    [english.lines, english.times],
    [
      ['Ann Lee: hi', 'Ben: late'],
      ['2014-08-14T15:04', '2014-09-01T00:01'],
    ],
  );
  const thai = await read(
    t,
    'line',
    'd.txt',
    '[LINE] ประวัติการสนทนากับ Ann\nบันทึกวันที่: 2567/01/15 09:00\n\n2567/01/15(จ.)\n09:10\tAnn\tสวัสดี\n09:11\tBen\t[สติกเกอร์]\n',
  );
  assert.deepEqual([thai.lines, thai.times], [['Ann: สวัสดี'], ['2024-01-15T09:10']]);
});

test('LINE: weekdays, times and halves of the day in any language, and long messages', async (t) => {
  const logs: [string, string, string, string[]][] = [
    ['ประวัติการแชทในกลุ่ม "A"', 'ศ. 28/11/2568', '08:55', ['2025-11-28T08:55']],
    ['Riwayat chat dengan Budi', 'Kam, 25/05/2023', '13.05', ['2023-05-25T13:05']],
    ['Historial de chat con Ana', 'jue, 25/05/2023', '01:05 p. m.', ['2023-05-25T13:05']],
    ['Chatverlauf mit Ana', 'Do., 25.05.2023', '13:05', ['2023-05-25T13:05']],
    ['Lịch sử trò chuyện với Ana', 'Th 5, 25/05/2023', '1:05 CH', ['2023-05-25T13:05']],
    ['แชทกับ Ana', '2024/01/15 จันทร์', '10:30', ['2024-01-15T10:30']],
  ];
  for (const [title, date, time, times] of logs) {
    const text = `[LINE] ${title}\nSaved: 1/1/2026 09:00\n\n${date}\n${time}\t\tAnn joined\n${time}\tAnn Lee\t"hi\n${'la\n'.repeat(20)}"\n`;
    const found = await read(t, 'line', 'a.txt', text);
    assert.deepEqual([found.times, found.dropped], [times, { 'system line': 1 }], title);
    assert.equal(found.lines[0], `Ann Lee: hi\n${'la\n'.repeat(20)}`.trimEnd());
  }
});

test('LINE: a computer of several languages, with names of two words', async (t) => {
  const { lines, dropped, warnings } = await read(
    t,
    'line',
    'a.txt',
    '2024.01.15 月曜日\n09:30 田中 太郎 おはようございます\n09:31 花子 おはよう\n09:32 田中 太郎 写真\n09:33 田中 太郎が花子を招待しました。\n09:34 花子がメッセージの送信を取り消しました\n2024.01.16 火曜日\n10:30 田中 太郎 こんにちは\n10:31 花子 スタンプ\n',
  );
  assert.deepEqual(lines, ['田中 太郎: おはようございます', '花子: おはよう', '田中 太郎: こんにちは']);
  assert.deepEqual(dropped, { photo: 1, sticker: 1, 'system line': 2 });
  assert.match(warnings.join(), /names of several words are a guess/);
});

test('KakaoTalk: any title above the first day', async (t) => {
  const { lines, dropped } = await read(
    t,
    'kakaotalk',
    'a.txt',
    'Chat with Ann Lee\nDate Saved : 2020-12-31 23:59:59\n\n--------------- Thursday, December 31, 2020 ---------------\n[Ann Lee] [11:59 PM] hi\n[Ben] [11:59 PM] ho\n',
  );
  assert.deepEqual([lines, dropped], [['Ann Lee: hi', 'Ben: ho'], {}]);
});

test('LINE: a computer, where only spaces separate name and text', async (t) => {
  const { lines, times, dropped } = await read(
    t,
    'line',
    'a.txt',
    '2024.01.02 Tuesday\n10:00 Ann Lee hello there\n10:01 Ben hi\n10:02 Ann Lee Stickers\n10:03 Ann Lee how are you\nand more\n10:04 Ben fine\n2024.01.03 Wednesday\n10:05 Ben bye\n',
  );
  assert.deepEqual(lines, [
    'Ann Lee: hello there',
    'Ben: hi',
    'Ann Lee: how are you\nand more',
    'Ben: fine',
    'Ben: bye',
  ]);
  assert.equal(times.at(-1), '2024-01-03T10:05');
  assert.deepEqual(dropped, { sticker: 1 });
});

test('KakaoTalk: Windows, phones and Macs, in Korean and English', async (t) => {
  const korean = await read(t, 'kakaotalk', 'a.txt', kakaoWindows);
  assert.deepEqual(korean.lines, ['하나: 안녕', '두리 김: 여러 줄\n[x] 이어지는 메시지', '하나: 사진 봤어?']);
  assert.deepEqual(korean.times, ['2024-01-01T15:20', '2024-01-01T11:05', '2024-01-02T00:04']);
  assert.deepEqual(korean.dropped, { photo: 1, sticker: 1, 'system line': 1, unsent: 1 });
  const english = await read(
    t,
    'kakaotalk',
    'b.txt',
    'Room with KakaoTalk Chats\nDate Saved : 2024-09-06 17:00:00\n\n--------------- Friday, September 6, 2024 ---------------\n[Ann] [9:04 AM] first\n[Ben] [AM 11:05] second\n[Ann] [12:16 PM] Photo\nBen left.\n',
  );
  assert.deepEqual(
    [english.lines, english.times],
    [
      ['Ann: first', 'Ben: second'],
      ['2024-09-06T09:04', '2024-09-06T11:05'],
    ],
  );
  const android = await read(
    t,
    'kakaotalk',
    'c.txt',
    '하나 카카오톡 대화\n저장한 날짜 : 2024년 1월 3일 오후 2:23\n\n\n2024년 1월 1일 오후 3:15\n2024년 1월 1일 오후 3:15, 하나 : 안녕 : 하나\n둘째 줄\n2024년 1월 1일 오후 3:16, 하나님이 나갔습니다.\n2024년 1월 1일 오전 12:17, 두리 : 네\n',
  );
  assert.deepEqual(
    [android.lines, android.times],
    [
      ['하나: 안녕 : 하나\n둘째 줄', '두리: 네'],
      ['2024-01-01T15:15', '2024-01-01T00:17'],
    ],
  );
  const ios = await read(
    t,
    'kakaotalk',
    'd.txt',
    'Talk_2026.8.7 13:01-1.txt\n저장한 날짜 : 2026. 8. 7. 오후 11:01\n\n2026년 8월 7일 금요일\n2026. 8. 7. 오후 1:01, 나 : 안녕\n2026. 8. 7. 오후 1:02: 상대님이 나님을 초대했습니다.\n오후 1:03, 상대 : 어\n',
  );
  assert.deepEqual(
    [ios.lines, ios.times, ios.dropped],
    [['나: 안녕', '상대: 어'], ['2026-08-07T13:01', '2026-08-07T13:03'], { 'system line': 1 }],
  );
  const phone = await read(
    t,
    'kakaotalk',
    'e.txt',
    'KakaoTalk Chats with Ann\nDate Saved : Jan 3, 2024 at 15:20\n\nMonday, January 1, 2024\nJan 1, 2024 at 15:15, Ann : hello, you\nJan 1, 2024 at 15:16, Ben : hi\n',
  );
  assert.deepEqual([phone.lines, phone.times[0]], [['Ann: hello, you', 'Ben: hi'], '2024-01-01T15:15']);
  const mac = await read(
    t,
    'kakaotalk',
    'f.csv',
    '\ufeffDate,User,Message\n2024-02-06 00:00:58,"Ann","one, two\nthree"\n2024-02-06 00:01:20,"Ben","Photo"\n2024-02-06 00:01:21,"Ben","Ben left."\n',
  );
  assert.deepEqual(
    [mac.lines, mac.times, mac.dropped],
    [['Ann: one, two\nthree'], ['2024-02-06T00:00'], { photo: 1, 'system line': 1 }],
  );
});

test('iMessage: text and pages of imessage-exporter', async (t) => {
  const text = await read(t, 'imessage', 'a.txt', imessageText);
  assert.deepEqual(text.lines, [
    'Ann Lee: Hello there\nin two lines',
    'Me: A reply',
    'Ann Lee: first',
    'Ann Lee: main.ts (the new one)',
    'Ann Lee: a caption',
  ]);
  assert.deepEqual(text.times.slice(0, 2), ['2022-05-17T17:29', '2022-05-17T17:30']);
  assert.deepEqual(text.dropped, { reaction: 2, 'reply shown a second time': 1, photo: 1, 'system line': 1 });
  const page = await read(t, 'imessage', 'a.html', imessagePage);
  assert.deepEqual(page.lines, ['Ann Lee: Hello <b> & you\nin two lines', 'Me: A reply', 'Me: first']);
  assert.deepEqual(page.times[0], '2022-05-17T17:29');
  assert.deepEqual(page.dropped, { 'system line': 1, photo: 1 });
});

test('lines such as Name: text, where they are unmistakable', async (t) => {
  const content =
    'Ann: hi\nBen Ott: hello: you\nhttp://a.b is a link\n\nAnn: at 10:30\nBen Ott: ok\nAnn:\n  below the name\n';
  const { lines } = await read(t, 'dialogue', 'a.txt', content);
  assert.deepEqual(lines, [
    'Ann: hi',
    'Ben Ott: hello: you\nhttp://a.b is a link',
    'Ann: at 10:30',
    'Ben Ott: ok',
    'Ann:   below the name',
  ]);
  const dir = tempDir(t);
  writeFiles(dir, {
    'mail.txt': 'From: Ann\nTo: Ben\nSubject: hi\nDate: today\nReply-To: x\n\nHello\n',
    'recipe.txt': 'Note: stir well\nTake two eggs.\nNote: not too long\nServe.\n',
  });
  for (const name of ['mail.txt', 'recipe.txt']) assert.equal(await likelyFormat(join(dir, name)), 'text');
});
