import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { findSource, likelyFormat } from '../../src/sources/formats.ts';
import { newTally } from '../../src/sources/tally.ts';
import { NO_SHARED_DATA, sharedData, tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { asMojibake, readSource, sourceOptions, messageLines } from './read-source.ts';

const participants = [{ name: 'Ann' }, { name: 'Ben' }];

function thread(...messages: unknown[]): object {
  return { participants, messages, title: 'Same title' };
}

function text(sender_name: string, timestamp_ms: number, content: string, more: object = {}): object {
  return { sender_name, timestamp_ms, content, ...more };
}

function written(t: TestContext, files: Record<string, unknown>): string {
  const dir = tempDir(t);
  writeFiles(dir, files);
  return dir;
}

test('reads every layout, from the download down to one thread', async (t) => {
  const files = { 'inbox/ann_1/message_1.json': thread(text('Ann', 2, 'two'), text('Ben', 1, 'one')) };
  for (const root of ['messages', 'your_activity_across_facebook/messages', 'your_facebook_activity/messages']) {
    const dir = written(
      t,
      Object.fromEntries(Object.entries(files).map(([path, content]) => [`${root}/${path}`, content])),
    );
    for (const place of ['', root]) {
      const { conversations } = await readSource('messenger', join(dir, place));
      assert.deepEqual(
        conversations.map(({ id }) => id),
        ['inbox/ann_1'],
        `${root} from ${place}`,
      );
      assert.deepEqual(messageLines(conversations[0]!), ['Ben: one', 'Ann: two']);
    }
    // Below a section, ids have only the thread's folder, and in a single thread not even that.
    assert.equal((await readSource('messenger', join(dir, root, 'inbox'))).conversations[0]!.id, 'ann_1');
    assert.equal((await readSource('messenger', join(dir, root, 'inbox/ann_1'))).conversations[0]!.id, 'thread');
  }
});

test('reads parts of a download together that were unpacked into separate folders', async (t) => {
  const dir = written(t, {
    'facebook-ann-part-2/your_activity_across_facebook/messages/inbox/ben_2/message_1.json': thread(
      text('Ben', 2, 'two'),
    ),
    'facebook-ann-part-1/messages/inbox/ann_1/message_1.json': thread(text('Ann', 1, 'one')),
    'photos/holiday.txt': {},
  });
  const { conversations } = await readSource('messenger', dir);
  assert.deepEqual(
    conversations.map(({ id }) => id),
    ['inbox/ann_1', 'inbox/ben_2'],
  );
});

test('reads all sections, sorts threads by id, ignores titles, and merges a thread in two sections', async (t) => {
  const dir = written(t, {
    'messages/inbox/zoe_9/message_1.json': thread(text('Ann', 1, 'z')),
    'messages/inbox/Zed_1/message_1.json': thread(text('Ann', 1, 'Z')),
    'messages/archived_threads/old_3/message_1.json': thread(text('Ann', 1, 'o')),
    'messages/e2ee_cutover/zoe_9/message_1.json': thread(text('Ann', 2, 'e')),
    'messages/e2ee_cutover/gone_7/message_1.json': thread(text('Ann', 1, 'g')),
    'messages/filtered_threads/spam_4/message_1.json': thread(text('Ann', 1, 's')),
    'messages/message_requests/who_5/message_1.json': thread(text('Ann', 1, 'w')),
    'messages/autofill_information.json': { autofill: {} },
    'messages/stickers_used/message_1.json': thread(text('Ann', 1, 'not a section')),
  });
  const { conversations } = await readSource('messenger', dir);
  assert.deepEqual(
    conversations.map(({ id }) => id),
    [
      'archived_threads/old_3',
      'e2ee_cutover/gone_7',
      'filtered_threads/spam_4',
      'inbox/Zed_1',
      'inbox/zoe_9',
      'message_requests/who_5',
    ],
  );
  assert.deepEqual(messageLines(conversations[4]!), ['Ann: z', 'Ann: e']);
  const some = await readSource('messenger', dir, { messages: { sections: ['inbox', 'message_requests'] } });
  assert.deepEqual(
    some.conversations.map(({ id }) => id),
    ['inbox/Zed_1', 'inbox/zoe_9', 'message_requests/who_5'],
  );
  assert.deepEqual(some.conversations.map(messageLines)[1], ['Ann: z']);
});

test('joins the files of a thread by number, and keeps messages with equal times in reverse file order', async (t) => {
  const dir = written(t, {
    'messages/inbox/x_1/message_1.json': thread(text('Ann', 9, 'h'), text('Ann', 8, 'g'), text('Ann', 8, 'f')),
    'messages/inbox/x_1/message_2.json': thread(text('Ann', 8, 'e'), text('Ben', 8, 'd')),
    'messages/inbox/x_1/message_10.json': thread(text('Ben', 8, 'c'), text('Ben', 7, 'b'), text('Ben', 10, 'late')),
    'messages/inbox/x_1/message_3.json': thread(text('Ben', 8, 'c2')),
    'messages/inbox/x_1/message_1.json.bak': 'no part',
  });
  const { conversations } = await readSource('messenger', dir);
  assert.deepEqual(
    conversations.map((c) => c.messages.map(({ text }) => text)),
    [['b', 'c', 'c2', 'd', 'e', 'f', 'g', 'h', 'late']],
  );
});

test('reads exports of 2018: one message.json, times in seconds', async (t) => {
  const dir = written(t, {
    'messages/inbox/x_1/message.json': thread(
      { sender_name: 'Ann', timestamp: 1524000001, content: 'b' },
      { sender_name: 'Ben', timestamp: 1524000000, content: 'a' },
    ),
  });
  const { conversations } = await readSource('messenger', dir);
  assert.deepEqual(conversations[0]!.messages, [
    { from: 'Ben', time: 1524000000000, text: 'a' },
    { from: 'Ann', time: 1524000001000, text: 'b' },
  ]);
  // Seconds under the wrong key are detected too: as milliseconds they would be in 1970.
  const odd = written(t, {
    'x.json': thread(text('Ann', 1524000001, 'b'), { sender_name: 'Ben', timestamp: 1524000000000, content: 'a' }),
  });
  assert.deepEqual(
    (await readSource('messenger', join(odd, 'x.json'))).conversations[0]!.messages.map(({ time }) => time),
    [1524000000000, 1524000001000],
  );
});

test('repairs mojibake in names and texts, keeps correct strings, and counts both', async (t) => {
  const dir = written(t, {
    'messages/inbox/x_1/message_1.json': thread(
      text(asMojibake('Zoë'), 4, asMojibake('👍🏽 café')),
      text(asMojibake('Zoë'), 3, 'plain'),
      text('Łukasz', 2, 'already 👍'),
      text('Ben', 1, 'caf\u00e9 right in Latin-1'),
    ),
  });
  const { conversations, tally } = await readSource('messenger', dir);
  assert.deepEqual(messageLines(conversations[0]!), [
    'Ben: café right in Latin-1',
    'Łukasz: already 👍',
    'Zoë: plain',
    'Zoë: 👍🏽 café',
  ]);
  assert.deepEqual(tally.mojibake, { repaired: 3, untouched: 4, failed: 1 });
});

test('counts messages without text by kind', async (t) => {
  const at = (more: object) => ({ sender_name: 'Ann', timestamp_ms: 1, ...more });
  const dir = written(t, {
    'messages/inbox/x_1/message_1.json': thread(
      at({ photos: [{}] }),
      at({ photos: [{}], content: 'with words' }),
      at({ videos: [{}] }),
      at({ gifs: [{}] }),
      at({ audio_files: [{}] }),
      at({ files: [{}] }),
      at({ sticker: {} }),
      at({ share: { link: 'x' } }),
      at({ call_duration: 3, type: 'Call' }),
      at({ type: 'Call', missed: true }),
      at({}),
      at({ content: ' \n' }),
      at({ content: 'gone', is_unsent: true }),
      at({ content: 5 }),
      { timestamp_ms: 1, content: 'who?' },
      'nonsense',
      null,
    ),
    'messages/inbox/silent_2/message_1.json': thread(),
    'messages/inbox/pictures_3/message_1.json': thread(at({ photos: [{}] })),
  });
  const { conversations, tally } = await readSource('messenger', dir);
  assert.deepEqual(conversations.map(messageLines), [['Facebook user: who?', 'Ann: with words']]);
  assert.deepEqual(tally.dropped, {
    photo: 2,
    video: 1,
    gif: 1,
    audio: 1,
    file: 1,
    sticker: 1,
    share: 1,
    call: 2,
    empty: 2,
    unsent: 1,
    'text is not a string': 1,
    'not a message': 2,
    'file without messages': 1,
  });
  assert.equal(tally.read, 2 + Object.values(tally.dropped).reduce((a, b) => a + b));
});

test('replaces a run of line breaks by one LF in messages and by a space in names', async (t) => {
  const dir = written(t, {
    'messages/inbox/x_1/message_1.json': thread(
      text('A\nnn', 2, '\none\r\n\n two\u2028three\n'),
      text('Ben', 1, 'same'),
    ),
  });
  const { conversations } = await readSource('messenger', dir);
  assert.deepEqual(messageLines(conversations[0]!), ['Ben: same', 'A nn: one\n two\nthree']);
});

test('lists and counts bad files without quoting them, and loses nothing else', async (t) => {
  const good = JSON.stringify(thread(text('Ann', 2, 'kept'), text('Ben', 1, 'too')));
  const dir = written(t, {
    'messages/inbox/a_1/message_1.json': good,
    'messages/inbox/b_2/message_1.json': good,
    'messages/inbox/b_2/message_2.json': good.slice(0, good.length - 20),
    'messages/inbox/c_3/message_1.json': good.slice(0, 3),
    'messages/inbox/d_4/message_1.json': '{secret: not json}',
    'messages/inbox/e_5/message_1.json': '',
    'messages/inbox/f_6/message_1.json': Buffer.from(
      '{"participants": [], "messages": [{"sender_name": "Ann", "timestamp_ms": 1, "content": "caf\xe9 \x80"}]}',
      'latin1',
    ),
    'messages/inbox/g_7/message_1.json': '{"messages": []}',
    'messages/inbox/h_8/message_1.json': 'null',
    'messages/inbox/i_9/message_1.html': '<html>',
    'messages/zed_1.json': '{}',
  });
  const { conversations, tally } = await readSource('messenger', dir);
  assert.deepEqual(
    conversations.map(({ id, messages }) => [id, messages.length]),
    [
      ['inbox/a_1', 2],
      ['inbox/b_2', 4],
      ['inbox/f_6', 1],
    ],
  );
  assert.deepEqual(
    tally.skipped.first.sort((a, b) => (a.place < b.place ? -1 : 1)),
    [
      {
        place: 'messages/inbox/b_2/message_2.json',
        reason: 'cut off: the JSON ends too early; 2 messages before that are read',
      },
      { place: 'messages/inbox/c_3/message_1.json', reason: 'cut off: the JSON ends too early' },
      { place: 'messages/inbox/d_4/message_1.json', reason: 'not valid JSON' },
      { place: 'messages/inbox/e_5/message_1.json', reason: 'empty file' },
      { place: 'messages/inbox/g_7/message_1.json', reason: 'no thread: it lacks participants or messages' },
      { place: 'messages/inbox/h_8/message_1.json', reason: 'no thread: it lacks participants or messages' },
      {
        place: 'messages/inbox/i_9/message_1.html',
        reason:
          'HTML of a form that is not known, older than 2018 or newer than this program: download the export in JSON',
      },
      { place: 'messages/zed_1.json', reason: 'no thread: it lacks participants or messages' },
    ],
  );
  assert.equal(tally.skipped.count, 8);
  assert.equal(tally.dropped['unreadable file'], 8);
  assert.deepEqual(messageLines(conversations[2]!), ['Ann: café €']);
  assert.deepEqual(
    [...tally.noticed],
    [['message in windows-1252', { count: 1, first: 'messages/inbox/f_6/message_1.json' }]],
  );
});

test('loses only the messages after a truncation', async (t) => {
  const messages = [text('Ann', 3, 'kept {"a": [1, 2'), text('Ben', 2, asMojibake('café')), text('Ann', 1, '\\" ]}')];
  const good = JSON.stringify(thread(...messages));
  const ends = messages.map((message) => good.indexOf(JSON.stringify(message)) + JSON.stringify(message).length);
  for (let length = 1; length < good.length; length += 5) {
    const dir = written(t, {
      'messages/inbox/a_1/message_1.json': good,
      'messages/inbox/b_2/message_1.json': good.slice(0, length),
    });
    const { conversations, tally } = await readSource('messenger', dir);
    assert.equal(conversations[0]!.messages.length, 3);
    // A message is complete once the comma or bracket after it is there.
    assert.equal(conversations[1]?.messages.length ?? 0, ends.filter((end) => end < length).length, `${length}`);
    assert.deepEqual([tally.skipped.count, tally.dropped], [1, { 'unreadable file': 1 }], `${length}`);
    assert.match(tally.skipped.first[0]!.reason, /^cut off/);
  }
});

test('counts and lists a message that is not JSON, and reads those around it', async (t) => {
  const dir = written(t, {
    'messages/inbox/a_1/message_1.json': JSON.stringify(
      thread(text('Ann', 3, 'three'), text('Ann', 2, 'SPOILT'), text('Ann', 1, 'one')),
    ).replace('SPOILT', '\0 \n'),
  });
  const { conversations, tally } = await readSource('messenger', dir);
  assert.deepEqual(messageLines(conversations[0]!), ['Ann: one', 'Ann: three']);
  assert.deepEqual(tally.dropped, { 'damaged message': 1, 'unreadable file': 1 });
  assert.deepEqual(tally.skipped.first, [
    { place: 'messages/inbox/a_1/message_1.json', reason: 'message 2 is not valid JSON; what follows is read' },
  ]);
});

test('reads UTF-16 with and without a byte order mark, and a UTF-8 mark', async (t) => {
  const json = JSON.stringify(thread(text('Ann', 1, 'żółć 👍')));
  const le = Buffer.from(json, 'utf16le');
  for (const [bytes, encoding] of [
    [Buffer.concat([Buffer.from([0xff, 0xfe]), le]), 'UTF-16 LE'],
    [le, 'UTF-16 LE'],
    [Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(le).swap16()]), 'UTF-16 BE'],
    [Buffer.from(`\ufeff${json}`), null],
  ] as const) {
    const { conversations, tally } = await readSource(
      'messenger',
      written(t, { 'messages/inbox/a_1/message_1.json': bytes }),
    );
    assert.deepEqual(conversations.map(messageLines), [['Ann: żółć 👍']]);
    assert.deepEqual(
      [...tally.noticed],
      encoding ? [[`file in ${encoding}`, { count: 1, first: 'messages/inbox/a_1/message_1.json' }]] : [],
    );
  }
});

test('reports implausible times and keeps the message at its position in the file', async (t) => {
  const at = (content: string, time: object) => ({ sender_name: 'Ann', content, ...time });
  const day = 86_400_000;
  const dir = written(t, {
    'x.json': thread(
      at('last', {}),
      at('d', { timestamp_ms: 20_000 * day }),
      at('c', { timestamp_ms: 0 }),
      at('b', { timestamp_ms: 9e15 }),
      at('a', { timestamp_ms: 19_000 * day }),
      at('first', { timestamp_ms: -5 }),
      at('text', { timestamp_ms: 'noon' }),
    ),
  });
  const { conversations, tally } = await readSource('messenger', join(dir, 'x.json'));
  assert.deepEqual(
    conversations[0]!.messages.map(({ text, time }) => [text, time && time / day]),
    [
      ['text', null],
      ['first', null],
      ['a', 19_000],
      ['b', null],
      ['c', null],
      ['d', 20_000],
      ['last', null],
    ],
  );
  assert.deepEqual(
    [...tally.noticed].map(([what, { count }]) => [what, count]),
    [
      ['message without a time', 2],
      ['message with a time of zero', 1],
      ['message dated after 2099', 1],
      ['message with a time before 1970', 1],
    ],
  );
});

test('finds nothing in a folder without an export, and does not recognize it as one', async (t) => {
  const dir = written(t, { 'a.jsonl': '{"turns": ["x"]}', 'sub/notes.txt': 'x' });
  const { conversations, tally } = await readSource('messenger', dir);
  assert.deepEqual([conversations, tally.read], [[], 0]);
  assert.equal(await likelyFormat(dir), 'jsonl');
});

test('reads the fixtures of an independent reader of these exports', async (t) => {
  const root = sharedData('messenger-fixtures/testdata');
  if (!root) return t.skip(NO_SHARED_DATA);
  const read = async (name: string) => readSource('messenger', join(root, name));
  const lines = async (name: string) => (await read(name)).conversations.map((c) => [c.id, ...messageLines(c)]);

  assert.deepEqual(await lines('json_simple'), [
    ['archived_threads/zoe_ARCH', 'Zoe Archive: Old message in archive'],
    ['inbox/alice_ABC123', 'Test User: Hello', 'Alice Example: café time?', 'Test User: See you soon'],
  ]);
  assert.deepEqual(await lines('json_group'), [
    ['inbox/crew_GRP123', 'Test User: Hey crew', 'Alice Example: Hi!', 'Bob Example: Hello.'],
  ]);
  assert.deepEqual(await lines('json_multifile'), [
    [
      'inbox/dave_MULTI',
      'Dave Multi: Message A (from file 1, oldest)',
      'Test User: Message B (from file 1, newer)',
      'Dave Multi: Message C (from file 2)',
      'Test User: Message D (from file 10, newest)',
    ],
  ]);
  assert.deepEqual(await lines('json_with_media'), [['inbox/bob_XYZ789', "Bob Mediafile: Here's a photo"]]);
  assert.deepEqual(await lines('json_with_media_alt'), [
    ['inbox/carol_ALT456', 'Carol Altlayout: Photo from alt layout'],
  ]);
  assert.deepEqual(await lines('json_nontext'), []);
  assert.deepEqual((await read('json_nontext')).tally.dropped, {
    sticker: 1,
    photo: 1,
    call: 2,
    share: 1,
    'system line': 1,
  });
  assert.deepEqual(await lines('mixed'), [['inbox/eve_MIX', 'Test User: Mixed hello', 'Eve Mixer: Mixed reply']]);
  assert.deepEqual((await read('mixed')).tally.skipped.count, 0);
  assert.deepEqual(await lines('corrupt'), [['inbox/goodsibling_OK', 'Good Sibling: Still valid']]);
  assert.deepEqual((await read('corrupt')).tally.skipped, {
    count: 1,
    first: [
      { place: 'your_activity_across_facebook/messages/inbox/broken_BAD/message_1.json', reason: 'not valid JSON' },
    ],
  });
  assert.deepEqual(await lines('e2ee_simple'), [
    ['alice_1', 'Test User: Hello', 'Alice Example: café time?', 'Test User: See you soon'],
    ['group_2', 'Alice Example: Plans?'],
  ]);
  assert.deepEqual((await read('e2ee_simple')).tally.dropped, { unsent: 1, reaction: 1, photo: 1 });
});

test('reads the fixtures of another independent reader like it does', async (t) => {
  const root = sharedData('chat-fixtures/test');
  if (!root) return t.skip(NO_SHARED_DATA);
  type Wanted = { author: string; message: string; datetime?: number; timestamp?: string }[];
  for (const [format, file, dir] of [
    ['messenger', 'testlog.json', 'facebookMessenger'],
    ['instagram', 'test_export.json', 'instagram'],
  ] as const) {
    const { conversations } = await readSource(format, join(root, dir, file));
    const wanted = JSON.parse(readFileSync(join(root, dir, 'target.json'), 'utf8')) as Wanted;
    const lines = wanted.map(({ author, message, datetime, timestamp }) => ({
      from: author,
      time: datetime ?? Date.parse(`${timestamp}Z`),
      text: message,
    }));
    assert.deepEqual(
      conversations[0]!.messages,
      lines.sort((a, b) => a.time - b.time),
    );
  }
});

test('keeps and counts messages dated tomorrow', async (t) => {
  const dir = written(t, { 'x.json': thread(text('Ann', 3000, 'c'), text('Ann', 2001, 'b'), text('Ann', 2000, 'a')) });
  const tally = newTally(2000);
  const read = [];
  for await (const conversation of (await findSource('messenger', join(dir, 'x.json'), sourceOptions())).read(tally))
    read.push(...conversation.messages);
  assert.deepEqual([read.length, tally.future], [3, { after: 2000, messages: 2, first: '' }]);
});
