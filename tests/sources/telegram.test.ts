import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { chatElements } from '../../src/sources/telegram/telegram.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { readSource, messageLines } from './read-source.ts';

const message = (text: unknown, more: object = {}) => ({
  id: 1,
  type: 'message',
  date: '2018-12-05T10:39:10',
  date_unixtime: '1544006350',
  from: 'Ann',
  from_id: 'user1',
  text,
  ...more,
});

test('keeps all digits of ids', async (t) => {
  const dir = tempDir(t);
  const chat = '{"name":"Ann","id":9007199254740993,"messages":[' + JSON.stringify(message('hi')) + ']}';
  writeFiles(dir, { 'result.json': Buffer.from(chat) });
  const { conversations } = await readSource('telegram', dir);
  assert.deepEqual(
    conversations.map(({ id }) => id),
    ['result.json#9007199254740993'],
  );
});

test('reads formatted texts, service lines, media, forwards and deleted accounts', async (t) => {
  const dir = tempDir(t);
  const messages = [
    { id: 0, type: 'service', action: 'create_group', actor: 'Ann', text: '' },
    message(['see ', { type: 'link', text: 'https://a.b' }, ' now\nor ', { type: 'bold', text: 'never' }]),
    message('', { photo: 'p.jpg' }),
    message('my cat', { photo: 'p.jpg' }),
    message('', { media_type: 'sticker', file: 's.webp' }),
    message('words of another', { forwarded_from: 'Ben' }),
    message('gone', { from: null, from_id: 'user7' }),
    { type: 'service', action: 'phone_call' },
    message([{ type: 'bold' }]),
    message('old', { date_unixtime: undefined }),
    5,
  ];
  writeFiles(dir, { 'result.json': { name: 'Group', type: 'private_group', id: 99, messages } });
  const { conversations, tally } = await readSource('telegram', dir);
  assert.deepEqual(
    conversations.map(({ id }) => id),
    ['result.json#99'],
  );
  assert.deepEqual(messageLines(conversations[0]!), [
    'Ann: see https://a.b now\nor never',
    'Ann: my cat',
    'Ann: words of another',
    'user7: gone',
    'Ann: old',
  ]);
  assert.deepEqual(
    conversations[0]!.messages.map(({ time }) => time),
    [1544006350000, 1544006350000, 1544006350000, 1544006350000, Date.UTC(2018, 11, 5, 10, 39, 10)],
  );
  assert.deepEqual(tally.dropped, {
    'system line': 1,
    photo: 1,
    sticker: 1,
    call: 1,
    'text is not a string': 1,
    'not a message': 1,
  });
  const other = await readSource('telegram', dir, {
    messages: { forwarded: 'drop', media: 'placeholder', captions: 'drop' },
  });
  assert.deepEqual(messageLines(other.conversations[0]!).slice(1, 3), ['Ann: [photo]', 'user7: gone']);
});

test('reads one conversation per chat of an account; a truncated file yields the messages before the break', async (t) => {
  const dir = tempDir(t);
  const account = JSON.stringify(
    {
      about: '{"messages": [',
      chats: {
        about: 'x',
        list: [
          { name: 'Ben "B" é', id: 1, messages: [message('a'), message('b')] },
          { name: null, messages: [message('c')] },
          { id: 3, messages: [] },
        ],
      },
    },
    null,
    1,
  );
  writeFiles(dir, {
    'whole.json': account,
    'cut.json': account.slice(0, account.indexOf('"text": "b"')),
    'empty.json': '',
    'other.json': '{"a": 1}',
    'bad.json': `{"messages": [${JSON.stringify(message('d'))}, {"x": }, ${JSON.stringify(message('e'))}]}`,
  });
  const { conversations, tally } = await readSource('telegram', dir);
  assert.deepEqual(
    conversations.map((conversation) => [conversation.id, ...messageLines(conversation)]),
    [
      ['bad.json#1', 'Ann: d', 'Ann: e'],
      ['cut.json#1', 'Ann: a'],
      ['whole.json#1', 'Ann: a', 'Ann: b'],
      ['whole.json#2', 'Ann: c'],
    ],
  );
  assert.deepEqual(
    tally.skipped.first.map(({ place, reason }) => `${place}: ${reason}`),
    [
      'bad.json#1:2: not valid JSON',
      'cut.json: cut off: the JSON ends too early',
      'empty.json: empty file',
      'other.json: it has no list of "messages"',
    ],
  );
});

test('finds the same messages as JSON.parse, regardless of chunk boundaries', async () => {
  const chat = fc.record({
    name: fc.string({ unit: 'grapheme' }),
    id: fc.integer(),
    junk: fc.jsonValue(),
    messages: fc.array(fc.jsonValue(), { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(chat, { maxLength: 3 }),
      fc.integer({ min: 1, max: 50 }),
      fc.boolean(),
      async (list, size, indented) => {
        const bytes = Buffer.from(JSON.stringify({ chats: { list } }, null, indented ? 1 : 0));
        const found: unknown[] = [];
        for await (const element of chatElements(cut(bytes, size))) found.push(element);
        // `junk` could contain a key "messages", but fast-check never generates that word.
        const wanted = list.flatMap(({ name, id, messages }) => [
          { kind: 'chat', name: name === '' ? null : name, id: String(id) },
          ...messages.map((value) => ({
            kind: 'element',
            value: JSON.parse(JSON.stringify(value)) as unknown,
            encoding: 'UTF-8',
          })),
        ]);
        assert.deepEqual(found, [...wanted, { kind: 'end', trouble: null }]);
      },
    ),
    { numRuns: 500 },
  );
});

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
