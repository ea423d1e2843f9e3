import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { NO_SHARED_DATA, sharedData, tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { readSource, messageLines, type Choices } from './read-source.ts';

/** The HTML of one message in pages of each era; `body` is HTML. */
const ERAS = {
  2018: (from: string, body: string, time: string, reactions = '') =>
    `<div class="pam _3-95 _2pi0 _2lej uiBoxWhite noborder"><div class="_3-96 _2pio _2lek _2lel">${from}</div><div class="_3-96 _2let"><div>${body}${reactions && `<div><ul class="_tqp">${reactions}</ul></div>`}</div></div><div class="_3-94 _2lem">${time}</div></div>`,
  2022: (from: string, body: string, time: string, reactions = '') =>
    `<div class="pam _3-95 _2ph- _a6-g uiBoxWhite noborder"><h2 class="_3-95 _2pim _a6-h _a6-i">${from}</h2><div class="_3-95 _a6-p"><div>${body}${reactions && `<div><ul class="_a6-q">${reactions}</ul></div>`}</div></div><div class="_3-94 _a6-o"><a href="https://www.facebook.com/x"><div class="_a72d">${time}</div></a></div></div>`,
};
const page = (...blocks: string[]) =>
  `<html><head><base href="../" /><title>Ann</title><style>._a6-g { color: red } ._2lej{}</style></head><body class="_5vb_"><div class="clearfix _ikh"><div class="_4bl9"><h1>Ann</h1></div></div><div class="_4t5n" role="main">${blocks.join('')}</div></body></html>`;
const words = (text: string) => `<div></div><div>${text}</div><div></div><div></div>`;

async function readPage(t: TestContext, html: string | Buffer, choices: Choices = {}) {
  const dir = tempDir(t);
  writeFiles(dir, { 'messages/inbox/ann_1/message_1.html': html });
  return readSource('messenger', dir, choices);
}

for (const [era, block] of Object.entries(ERAS)) {
  test(`${era} page: reads names, texts and times; counts everything else by kind`, async (t) => {
    const html = page(
      block(
        'Ann &amp; Co',
        words('last &lt;b&gt; line one<br />line two'),
        'Oct 19, 2019, 2:41 PM',
        '<li>❤Ben Example</li><li>😆Ann</li>',
      ),
      block('Ben Example', words('so'), 'Oct 19, 2019, 2:40 PM'),
      block('Ben Example', words('so'), 'Oct 19, 2019, 2:40 PM'),
      block(
        'Ann',
        '<div></div><div></div><div></div><div><div><a href="messages/inbox/ann_1/photos/1.jpg"><img src="messages/inbox/ann_1/photos/1.jpg" class="_2yuc _3-96" /></a></div></div>',
        'Oct 19, 2019, 2:39 PM',
      ),
      block(
        'Ann',
        '<div></div><div>with words</div><div></div><div><div><a href="messages/inbox/ann_1/photos/2.jpg"><img src="messages/inbox/ann_1/photos/2.jpg" /></a></div></div>',
        'Oct 19, 2019, 2:38 PM',
      ),
      block(
        'Ann',
        '<div></div><div></div><div></div><div><img src="messages/stickers_used/7.png" /></div>',
        'Oct 19, 2019, 2:37 PM',
      ),
      block(
        'Ann',
        '<div></div><div></div><div></div><div><video src="messages/inbox/ann_1/videos/1.mp4" controls="1"><a href="messages/inbox/ann_1/videos/1.mp4"><div>Click for video:</div></a></video></div>',
        'Oct 19, 2019, 2:36 PM',
      ),
      block(
        'Ben Example',
        '<div></div><div>see this</div><div><div>A headline</div><div><a href="https://example.com/a">https://example.com/a</a></div></div><div></div>',
        'Oct 19, 2019, 2:35 PM',
      ),
      block(
        'Ben Example',
        '<div></div><div>Ben called you.</div><div>Duration: 4 seconds</div>',
        'Oct 19, 2019, 2:34 PM',
      ),
      block('Ben Example', words('Ben named the group Ants.'), 'Oct 19, 2019, 2:33 PM'),
      block('Ben Example', words(''), 'Oct 19, 2019, 2:32 PM'),
      block('Ben Example', words('Ben unsent a message'), 'Oct 19, 2019, 2:31 PM'),
      block('', words('who?'), 'Oct 19, 2019, 12:30 AM'),
      era === '2018' ? block('Participants: Ann, Ben Example', '', '').replace(/<div class="_3-94.*/, '') : '',
    );
    const { conversations, tally } = await readPage(t, html, { timeZone: 'Europe/Sofia' });
    assert.equal(conversations[0]!.id, 'inbox/ann_1');
    assert.deepEqual(
      conversations[0]!.messages.map(
        ({ from, time, text }) => `${new Date(time!).toISOString().slice(11, 16)} ${from}: ${text}`,
      ),
      [
        '21:30 Facebook user: who?',
        '11:35 Ben Example: see this',
        '11:38 Ann: with words',
        '11:40 Ben Example: so',
        '11:40 Ben Example: so',
        '11:41 Ann & Co: last <b> line one\nline two',
      ],
    );
    assert.deepEqual(tally.dropped, {
      reaction: 2,
      photo: 1,
      sticker: 1,
      video: 1,
      call: 1,
      'system line': 1,
      empty: 1,
      unsent: 1,
    });
    assert.deepEqual(
      [...tally.noticed].map(([what]) => what),
      ['file whose times are taken for those of Europe/Sofia (timeZone)'],
    );
    const shared = await readPage(t, html, {
      messages: { shares: 'text', reactions: 'message', media: 'placeholder' },
    });
    assert.ok(
      messageLines(shared.conversations[0]!).includes('Ben Example: see this https://example.com/a A headline'),
    );
    assert.deepEqual(messageLines(shared.conversations[0]!).slice(-2), [
      'Ben Example: [reacted ❤]',
      'Ann: [reacted 😆]',
    ]);
    assert.deepEqual(
      messageLines(shared.conversations[0]!).filter((line) => line.includes('[photo]') || line.includes('[video]')),
      ['Ann: [video]', 'Ann: [photo]'],
    );
  });

  test(`${era} page truncated anywhere: reads exactly the messages before the cut`, async (t) => {
    const times = ['Oct 19, 2019, 2:41 PM', 'Oct 19, 2019, 2:40 PM', 'Oct 19, 2019, 2:39 PM'];
    const blocks = times.map((time, i) => block('Ann', words(`text ${i}`), time));
    const whole = Buffer.from(page(...blocks));
    const dated = times.map((time) => whole.indexOf(time) + time.length);
    const ends = blocks.map((block) => whole.indexOf(block) + block.length);
    for (let cut = 0; cut < whole.length; cut += 17) {
      const { conversations, tally } = await readPage(t, whole.subarray(0, cut));
      assert.equal(tally.skipped.count, 1, `${cut}`);
      const found = conversations[0] ? messageLines(conversations[0]).reverse() : [];
      assert.deepEqual(found, [0, 1, 2].map((i) => `Ann: text ${i}`).slice(0, found.length), `${cut}`);
      assert.ok(
        found.length >= ends.filter((end) => end <= cut).length &&
          found.length <= dated.filter((end) => end < cut).length,
        `${cut}`,
      );
    }
  });
}

test('uses the zone written on the page, and then assumes none', async (t) => {
  const { conversations, tally } = await readPage(
    t,
    page(ERAS[2018]('Ann', words('hi'), 'Saturday, October 19, 2019 at 2:37pm UTC+02')),
    { timeZone: 'Asia/Tokyo' },
  );
  assert.equal(new Date(conversations[0]!.messages[0]!.time!).toISOString(), '2019-10-19T12:37:00.000Z');
  assert.deepEqual([...tally.noticed], []);
});

test('reads a list next to the text as reactions, whatever its class', async (t) => {
  const html = page(ERAS[2022]('Ann', words('hi'), 'Oct 19, 2019, 2:37 PM', '<li>❤Ben</li>').replace('_a6-q', '_new'));
  const { conversations, tally } = await readPage(t, html);
  assert.deepEqual([messageLines(conversations[0]!), tally.dropped], [['Ann: hi'], { reaction: 1 }]);
});

test('lists pages in another language, of another era, or without messages, with instructions', async (t) => {
  const trouble = async (html: string) =>
    (await readPage(t, html)).tally.skipped.first.map(({ place, reason }) => `${place}: ${reason}`);
  const place = 'messages/inbox/ann_1/message_1.html';
  assert.deepEqual(await trouble(page(ERAS[2022]('Ann', words('geheim'), '19 qwertz 2019, 14:37'))), [
    `${place}: its dates cannot be read in any known language: download the export in JSON, or once more with Facebook set to English`,
  ]);
  assert.deepEqual(
    await trouble(
      '<html><body><div class="thread"><div class="message"><div class="message_header"><span class="user">Ann</span><span class="meta">Saturday, October 19, 2014 at 2:37pm UTC+02</span></div></div><p>hi</p></div></body></html>',
    ),
    [
      `${place}: HTML of a form that is not known, older than 2018 or newer than this program: download the export in JSON`,
    ],
  );
  assert.deepEqual(await trouble(page()), [
    `${place}: HTML of a form that is not known, older than 2018 or newer than this program: download the export in JSON`,
  ]);
  assert.deepEqual(await trouble(''), [`${place}: empty file`]);
});

test('reads pages with other classes if their blocks are unambiguous', async (t) => {
  const { conversations } = await readPage(
    t,
    `<body><div>Participants: Ann, Ben</div>
      <div class="x1"><div><span>Ann</span></div><div>Oct 19, 2019, 2:30 PM<br>is a date in a message</div><div>Oct 19, 2019, 2:37 PM</div></div>
      <div class="x1"><div>Ben</div><div><p>one</p><p>two</p></div><div><div>Oct 19, 2019, 2:36 PM</div></div></div>
      <div class="x1"><div>Advertisement</div><div>buy</div><div>Oct 19, 2019, 2:36 PM</div></div></body>`,
  );
  assert.deepEqual(messageLines(conversations[0]!), [
    'Ben: one\ntwo',
    'Ann: Oct 19, 2019, 2:30 PM\nis a date in a message',
  ]);
});

test('finds the good messages between arbitrary bytes, without hanging', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
      // Without "<", because an unfinished tag would rightly swallow the next message.
      const noise = Buffer.from(bytes.filter((byte) => byte !== 0x3c));
      const html = Buffer.concat([
        Buffer.from(`<body>${ERAS[2022]('Ann', words('first'), 'Oct 19, 2019, 2:41 PM')}`),
        noise,
        Buffer.from(ERAS[2022]('Ben', words('second'), 'Oct 19, 2019, 2:42 PM')),
      ]);
      const { conversations } = await readPage(t, html);
      assert.deepEqual(messageLines(conversations[0]!), ['Ann: first', 'Ben: second']);
    }),
    { numRuns: 60 },
  );
});

test('reads the fixtures of an independent reader of these exports', async (t) => {
  const root = sharedData('messenger-fixtures/testdata');
  if (!root) return t.skip(NO_SHARED_DATA);
  const read = async (name: string) =>
    (await readSource('messenger', join(root, name))).conversations.map(({ id, messages }) => [
      id,
      ...messages.map(({ from, time, text }) => `${new Date(time!).toISOString().slice(0, 16)} ${from}: ${text}`),
    ]);
  assert.deepEqual(await read('html_simple'), [
    [
      'inbox/alice_ABC123',
      '2020-09-13T12:26 Test User: Hello',
      '2020-09-13T12:27 Alice Example: café time?',
      '2020-09-13T12:28 Test User: See you soon',
    ],
  ]);
  assert.deepEqual(await read('html_multi_media'), [
    [
      'inbox/carol_IMG456',
      '2020-09-13T12:00 Test User: Hello Carol',
      '2020-09-13T12:05 Carol Photoshare: Check out this photo',
      '2020-09-13T12:10 Test User: Nice picture',
    ],
  ]);
  assert.deepEqual(await read('html_with_media'), [
    ['inbox/bob_XYZ789', "2020-09-13T12:26 Bob Mediafile: Here's a photo"],
  ]);
  for (const layout of [1, 2, 3])
    assert.deepEqual(await read(`html_timestamps/layout${layout}.html`), [
      ['thread', '2019-10-19T14:37 Test User: ping'],
    ]);
});
