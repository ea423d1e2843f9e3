import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { likelyFormat } from '../../../src/sources/formats.ts';
import { tempDir, writeFiles } from '../../artifacts/on-disk.ts';
import { messageLines, readSource } from '../read-source.ts';

const openAi = [
  {
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'hello\nthere' },
      { role: 'assistant', content: 'hi' },
    ],
  },
  {
    id: '811111111111111112',
    messages: [
      {
        role: 'user',
        name: 'Ann',
        content: [
          { type: 'text', text: 'what is this?' },
          { type: 'image_url', image_url: { url: 'x' } },
        ],
      },
      { role: 'assistant', content: null, tool_calls: [{ id: '1' }] },
      { role: 'tool', content: '{"kind": "cat"}', tool_call_id: '1' },
      { role: 'assistant', content: 'a cat' },
    ],
  },
];
const shareGpt = [
  {
    id: 'x_1',
    conversations: [
      { from: 'human', value: 'hello' },
      { from: 'gpt', value: 'hi' },
    ],
    system: 'Be brief.',
  },
  {
    conversations: [
      { role: 'user', content: 'one more' },
      { role: 'assistant', content: 'yes' },
    ],
  },
];
const asLines = (list: object[]) => list.map((entry) => JSON.stringify(entry)).join('\n');

test('reads the messages of OpenAI and the conversations of ShareGPT, as lines and as a list', async (t) => {
  const forms = {
    'a.jsonl': asLines(openAi),
    'b.json': JSON.stringify(openAi),
    'c.json': JSON.stringify(openAi, null, 2),
    'd.jsonl': asLines(shareGpt),
    'e.json': JSON.stringify(shareGpt, null, 2),
  };
  for (const [name, content] of Object.entries(forms)) {
    const dir = tempDir(t);
    writeFiles(dir, { [name]: content });
    assert.equal(await likelyFormat(join(dir, name)), 'dataset', name);
    assert.equal(await likelyFormat(dir), 'dataset', name);
    const { conversations, tally } = await readSource('dataset', join(dir, name));
    const isOpenAi = name < 'd';
    assert.deepEqual(
      conversations.map(messageLines),
      isOpenAi
        ? [
            ['user: hello\nthere', 'assistant: hi'],
            ['Ann: what is this?', 'assistant: a cat'],
          ]
        : [
            ['human: hello', 'gpt: hi'],
            ['user: one more', 'assistant: yes'],
          ],
      name,
    );
    assert.equal(conversations[isOpenAi ? 1 : 0]!.id, isOpenAi ? '811111111111111112' : 'x_1');
    assert.deepEqual(tally.dropped, isOpenAi ? { 'system line': 2, empty: 1 } : { 'system line': 1 }, name);
    assert.ok(conversations.every(({ messages }) => messages.every(({ time }) => time === null)));
    assert.equal(tally.noticed.size, 0);
  }
});

test('keeps prompts if system lines are kept; reports lines that are no conversation', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, {
    'a.jsonl': `${asLines(shareGpt)}\n{"a": 1}\n{"messages": []}\n{"messages": [{"content": "x"}]}\nnot json\n`,
    'one.json': JSON.stringify({ messages: [{ role: 'user', content: 'alone' }] }, null, 1),
  });
  const { conversations, tally } = await readSource('dataset', dir, { messages: { system: 'keep' } });
  assert.deepEqual(conversations.map(messageLines), [
    ['system: Be brief.', 'human: hello', 'gpt: hi'],
    ['user: one more', 'assistant: yes'],
    ['user: alone'],
  ]);
  assert.deepEqual(
    tally.skipped.first.map(({ place, reason }) => `${place}: ${reason}`),
    [
      'a.jsonl:3: no list "messages" or "conversations"',
      'a.jsonl:4: its list of messages is empty',
      'a.jsonl:5: message 1 has no role or sender',
      'a.jsonl:6: not JSON',
    ],
  );
});

test('reads the less common shapes of both, and recognizes them', async (t) => {
  const refused = [
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: null, refusal: 'no' },
    { role: 'assistant', content: [{ type: 'refusal', refusal: 'never' }] },
  ];
  const pair = [
    { from: 'human', value: 'hi' },
    { from: 'gpt', value: 'ho' },
  ];
  const said = { openAi: ['user: hi', 'assistant: no', 'assistant: never'], shareGpt: ['human: hi', 'gpt: ho'] };
  const files: [unknown, keyof typeof said][] = [
    [refused, 'openAi'],
    [[refused], 'openAi'],
    [{ id: 'a', messages: refused }, 'openAi'],
    [[{ id: 'a', items: pair }], 'shareGpt'],
    [{ version: 1, data: [{ id: 'a', conversations: pair }] }, 'shareGpt'],
  ];
  const dir = tempDir(t);
  for (const indent of [0, 2])
    for (const [content, kind] of files) {
      writeFiles(dir, { 'a.json': JSON.stringify(content, null, indent) });
      assert.equal(await likelyFormat(join(dir, 'a.json')), 'dataset', JSON.stringify(content));
      const { conversations, tally } = await readSource('dataset', join(dir, 'a.json'));
      assert.deepEqual(conversations.map(messageLines), [said[kind]], JSON.stringify(content));
      assert.equal(tally.skipped.count, 0);
    }
});
