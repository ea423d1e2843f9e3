import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { MessageChoices } from '../../src/sources/source-options.ts';
import { appLine } from '../../src/sources/messenger/system-lines.ts';
import { checkMessageParams } from '../../stages/ingest/message-params.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { asMojibake, readSource, sourceOptions, messageLines } from './read-source.ts';

const KINDS = [
  { content: 'plain' },
  { content: 'taken back', is_unsent: true },
  { call_duration: 5, type: 'Call', content: 'The video chat ended.' },
  { content: 'Ann called you.' },
  { sticker: { uri: 'x' } },
  { photos: [{}] },
  { photos: [{}], content: 'a caption' },
  { content: 'Ann sent an attachment.' },
  { content: 'Ann sent a photo.', photos: [{}] },
  { content: 'look', share: { link: 'https://example.com/a', share_text: asMojibake('Überschrift') } },
  { content: 'https://example.com/b', share: { link: 'https://example.com/b' } },
  { share: { link: 'https://example.com/c' } },
  {
    content: 'liked',
    reactions: [
      { reaction: asMojibake('❤'), actor: asMojibake('Zoë') },
      { reaction: asMojibake('😆'), actor: 'Ben' },
    ],
  },
  { content: 'Ann named the group Ants.' },
  { content: 'Ann reacted 😆 to your message' },
  { content: 'Ann lämnade chatten' },
];

async function withChoices(t: TestContext, messages: Partial<MessageChoices>) {
  const dir = tempDir(t);
  const listed = KINDS.map((kind, i) => ({ sender_name: 'Ann Lee', timestamp_ms: 1000 + i, ...kind })).reverse();
  writeFiles(dir, { 'messages/inbox/a_1/message_1.json': { participants: [{ name: 'Ann Lee' }], messages: listed } });
  const { conversations, tally } = await readSource('messenger', join(dir), { messages });
  assert.equal(tally.read, KINDS.length + 2);
  return {
    lines: messageLines(conversations[0]!).map((line) => line.replace(/^Ann Lee: /, '')),
    dropped: tally.dropped,
  };
}

test('by default keeps only typed text and counts everything else by kind', async (t) => {
  const { lines, dropped } = await withChoices(t, {});
  assert.deepEqual(lines, ['plain', 'a caption', 'look', 'https://example.com/b', 'liked', 'Ann lämnade chatten']);
  assert.deepEqual(dropped, {
    unsent: 1,
    call: 2,
    sticker: 1,
    photo: 2,
    'attachment line': 1,
    share: 1,
    reaction: 2,
    'system line': 1,
    'reaction line': 1,
  });
});

test('keeps everything if all options say so', async (t) => {
  const { lines, dropped } = await withChoices(t, {
    unsent: 'keep',
    calls: 'placeholder',
    stickers: 'placeholder',
    media: 'placeholder',
    shares: 'text',
    reactions: 'message',
    system: 'keep',
  });
  assert.deepEqual(lines, [
    'plain',
    'taken back',
    '[call]',
    '[call]',
    '[sticker]',
    '[photo]',
    'a caption',
    '[attachment]',
    '[photo]',
    'look https://example.com/a Überschrift',
    'https://example.com/b',
    'https://example.com/c',
    'liked',
    'Zoë: [reacted ❤]',
    'Ben: [reacted 😆]',
    'Ann named the group Ants.',
    'Ann lämnade chatten',
  ]);
  assert.deepEqual(dropped, { 'reaction line': 1 });
});

test('applies each option on its own', async (t) => {
  const base = (await withChoices(t, {})).lines;
  const change = async (messages: Partial<MessageChoices>) => {
    const { lines } = await withChoices(t, messages);
    return { more: lines.filter((line) => !base.includes(line)), fewer: base.filter((line) => !lines.includes(line)) };
  };
  assert.deepEqual(await change({ captions: 'drop' }), { more: [], fewer: ['a caption'] });
  assert.deepEqual(await change({ shares: 'link' }), {
    more: ['look https://example.com/a', 'https://example.com/c'],
    fewer: ['look'],
  });
  assert.deepEqual(await change({ unsent: 'keep' }), { more: ['taken back'], fewer: [] });
  assert.deepEqual(await change({ systemLines: ['.+ lämnade chatten'] }), {
    more: [],
    fewer: ['Ann lämnade chatten'],
  });
});

test('recognizes app lines by their wording and sender', () => {
  for (const [text, line] of [
    ['You are now connected on Messenger.', 'system line'],
    ['You named the group A b c.', 'system line'],
    ['Ann Lee added Ben Example to the group.', 'system line'],
    ['Ann left the group.', 'system line'],
    ["Ann set Ben's nickname to Benny.", 'system line'],
    ['Ann set her own nickname to Annie.', 'system line'],
    ['Ann changed the chat theme to Love.', 'system line'],
    ['Ann started a video chat.', 'call'],
    ['You missed a video chat from Ann.', 'call'],
    ['You missed a call from Ann.', 'call'],
    ['Missed call', 'call'],
    ['You sent a link.', 'attachment line'],
    ['Ann sent 3 photos.', 'attachment line'],
    ['Reacted ❤️ to your message ', 'reaction line'],
    ['Liked a message', 'reaction line'],
    ['Ben left the group.', null],
    ['Ann left the group chat because nobody answered her', null],
    ['ann left the group.', null],
    ['I named the group Ants.', null],
    ['You missed a call because you sleep', null],
    ['Ann turned on the light', null],
    ['Ann turned on disappearing messages.', 'system line'],
    ['Anna left the group.', null],
  ] as const)
    assert.equal(appLine(text, 'Ann Lee'), line, text);
  assert.equal(appLine('Ann left the group.', ''), null);
  assert.equal(appLine(`Ann named the group ${'x'.repeat(1000)}`, 'Ann'), null);
});

test('rejects an invalid time zone or pattern before reading anything', () => {
  assert.deepEqual(
    checkMessageParams(sourceOptions({ timeZone: 'Europe/Sofia', messages: { systemLines: ['a|b'] } })),
    [],
  );
  assert.deepEqual(
    checkMessageParams(sourceOptions({ timeZone: 'Mars/Base', messages: { systemLines: ['ok', '('] } })),
    [
      {
        path: 'timeZone',
        message: 'unknown time zone "Mars/Base"; use a name such as Europe/Sofia or America/New_York',
      },
      { path: 'messages.systemLines.1', message: 'not a valid regular expression' },
    ],
  );
});
