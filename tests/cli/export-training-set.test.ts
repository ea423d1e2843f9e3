import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Conversation } from '../../src/artifacts/conversations.ts';
import { readTokensIndex } from '../../src/artifacts/tokens/index.ts';
import { openTokens } from '../../src/artifacts/tokens/tokens.ts';
import { defaultTokenizer } from '../../src/tokenizer/identity.ts';
import { openTokenizer } from '../../src/tokenizer/open-tokenizer.ts';
import { CONVERSATIONS, HOUR, NAME, ran, writeConversations } from './ran-conversations.ts';
import { asAxolotl, asLlamaFactory, asUnsloth, rowsOf, type SeenTurn } from './trainer-rules.ts';

interface Printed {
  me: string;
  messages: number;
  repeated: number;
  heldOut: { stage: string | null };
  splits: Record<'train' | 'validation' | 'test', { samples: number; openings: number; fates: Record<string, number> }>;
  files: { file: string; outcome: string }[];
}

/** The texts `m3.4` in a file. */
const idsIn = (path: string): string[] =>
  existsSync(path) ? (readFileSync(path, 'utf8').match(/\bm\d+\.\d+/g) ?? []) : [];

/** The texts `m3.4` in a split of tokens. */
function idsInTokens(dir: string, split: 'train' | 'validation' | 'test'): string[] {
  const tokens = openTokens(dir);
  try {
    const { tokens: length, read } = tokens.split(split);
    return (
      openTokenizer(defaultTokenizer)
        .decode(read(0, length))
        .match(/\bm\d+\.\d+/g) ?? []
    );
  } finally {
    tokens.close();
  }
}

const GOLDEN: Conversation[] = [
  {
    id: 'a',
    messages: [
      { from: 'Bob', time: 0, text: 'are you there?' },
      { from: 'Bob', time: 1000, text: 'hello' },
      { from: 'Ann', time: 2000, text: 'yes "here"' },
      { from: 'Bob', time: 3000, text: 'good' },
      { from: 'Ann', time: 8 * HOUR, text: 'morning' },
      { from: 'Ann', time: 8 * HOUR + 1000, text: '' },
    ],
  },
  {
    id: 'g',
    messages: [
      { from: 'Cy', time: 0, text: '[photo]' },
      { from: 'Bob', time: 1000, text: 'nice 😀' },
      { from: 'Ann', time: 2000, text: 'very' },
    ],
  },
  { id: 'n', messages: [{ from: 'Bob', time: 0, text: 'alone' }] },
];

test('golden: two chats as messages and as sharegpt, with what became of every message', async (context) => {
  const { dir, out, see } = await ran(context, {
    conversations: GOLDEN,
    tokenize: { tokens: { template: '{name}: {text}', validation: 0 } },
  });
  const { code, output } = await see('latest', out, '--as', 'messages');
  assert.equal(
    output,
    `chat of ${NAME}  3 conversations, 10 messages; learned: Ann, the owner of these chats (--me NAME for somebody else)

                               train  validation
  samples                          3           0
  turns                            6           0
  estimated tokens                63           0
  messages learned                 3           0
  messages as context              4           0
  left out: no answer follows      1           0
  left out: all by others          1           0
  left out: empty                  1           0

held out: as in stage tokens
note  1 sample begins with a message of yours: […] stands in front of it, because trainers demand that the other side begins
note  nothing is held out

files: DIR/out/my chat
LLaMA-Factory:  dataset_dir: "DIR/out/my chat", dataset: my_chat_train
Axolotl:        datasets: [{ path: "DIR/out/my chat/train.jsonl", ds_type: json, split: train, type: chat_template, field_messages: messages, roles_to_train: [assistant], message_field_training: train }]
Unsloth:        load_dataset("json", data_files=dict(train="DIR/out/my chat/train.jsonl")); train_on_responses_only masks the rest
`,
  );
  assert.equal(code, 0);
  assert.equal(
    readFileSync(join(out, 'train.jsonl'), 'utf8'),
    `{"messages":[{"role":"user","content":"are you there?\\nhello","train":false},{"role":"assistant","content":"yes \\"here\\"","train":true}]}
{"messages":[{"role":"user","content":"[…]","train":false},{"role":"assistant","content":"morning","train":true}]}
{"messages":[{"role":"user","content":"Cy: [photo]\\nBob: nice 😀","train":false},{"role":"assistant","content":"very","train":true}]}
`,
  );
  assert.deepEqual(JSON.parse(readFileSync(join(out, 'dataset_info.json'), 'utf8')), {
    my_chat_train: {
      file_name: 'train.jsonl',
      formatting: 'sharegpt',
      columns: { messages: 'messages' },
      tags: {
        role_tag: 'role',
        content_tag: 'content',
        user_tag: 'user',
        assistant_tag: 'assistant',
        system_tag: 'system',
      },
    },
  });
  const shared = join(dir, 'shared');
  assert.equal((await see('latest', shared, '--as', 'sharegpt', '--me', 'Bob')).code, 0);
  assert.equal(
    readFileSync(join(shared, 'train.jsonl'), 'utf8'),
    `{"conversations":[{"from":"human","value":"[…]"},{"from":"gpt","value":"are you there?\\nhello"},{"from":"human","value":"yes \\"here\\""},{"from":"gpt","value":"good"}]}
{"conversations":[{"from":"human","value":"Cy: [photo]"},{"from":"gpt","value":"nice 😀"}]}
{"conversations":[{"from":"human","value":"[…]"},{"from":"gpt","value":"alone"}]}
`,
  );
  const summary = readFileSync(join(out, 'summary.json'), 'utf8');
  for (const hidden of ['Ann', 'Bob', 'Cy', 'hello', 'morning', 'very']) assert.ok(!summary.includes(hidden), hidden);
});

test('each trainer sees every sample, and learns only from the messages of one person', async (context) => {
  const { dir, see } = await ran(context, { tokenize: { tokens: { template: '{name}: {text}', validation: 0.2 } } });
  const from = new Map(
    CONVERSATIONS.flatMap(({ messages }) => messages.map(({ from, text }) => [text.split(' ')[0]!, from] as const)),
  );
  for (const as of ['messages', 'sharegpt']) {
    const out = join(dir, as);
    const summary = JSON.parse(
      (await see('latest', out, '--as', as, '--max-tokens', '60', '--json')).stdout,
    ) as Printed;
    for (const split of ['train', 'validation'] as const) {
      const path = join(out, `${split}.jsonl`);
      const rows = rowsOf(path);
      assert.equal(rows.length, summary.splits[split].samples);
      const config =
        as === 'messages'
          ? { field_messages: 'messages', roles_to_train: ['assistant'], message_field_training: 'train' }
          : {
              field_messages: 'conversations',
              message_property_mappings: { role: 'from', content: 'value' },
              roles_to_train: ['assistant'],
            };
      const seen: SeenTurn[][][] = [asLlamaFactory(out, `${as}_${split}`), asAxolotl(rows, config), asUnsloth(rows)];
      for (const samples of seen) {
        assert.deepEqual(samples, seen[0]);
        for (const { text, learned } of samples.flat())
          for (const [id] of text.matchAll(/\bm\d+\.\d+/g)) assert.equal(from.get(id) === 'Ann', learned);
      }
      const learned = idsIn(path).filter((id) => from.get(id) === 'Ann').length;
      assert.equal(learned, summary.splits[split].fates['learned']);
    }
    const mine = [...from.values()].filter((name) => name === 'Ann').length;
    assert.equal(summary.splits.train.fates['learned']! + summary.splits.validation.fates['learned']!, mine);
    const fates = Object.values(summary.splits).flatMap((split) => Object.values(split.fates));
    assert.equal(
      fates.reduce((sum, count) => sum + count, 0),
      CONVERSATIONS.length * 8,
    );
  }
});

for (const [name, params] of Object.entries({
  'by a hash of the text': { validation: 0.2, test: 0.2, seed: 5 },
  'by another seed': { validation: 0.3, seed: 6 },
  'by time': { validation: 0.2, test: 0.1, splitBy: 'time' },
  'with a share so small that the nearest conversation moves': { validation: 0.001, seed: 7 },
}))
  test(`held out ${name}: the conversations of the tokenize stage`, async (context) => {
    const { out, stages, see } = await ran(context, {
      tokenize: { tokens: { template: '{name}: {text}', ...params } },
    });
    const { code, output, stdout } = await see('latest', out, '--as', 'messages', '--json');
    assert.equal(code, 0, output);
    assert.equal((JSON.parse(stdout) as Printed).heldOut.stage, 'tokens');
    for (const split of ['train', 'validation', 'test'] as const) {
      const conversations = (ids: string[]): string[] => [...new Set(ids.map((id) => id.split('.')[0]!))].sort();
      const wanted = conversations(idsInTokens(join(stages, 'tokens'), split));
      assert.deepEqual(conversations(idsIn(join(out, `${split}.jsonl`))), wanted);
      assert.equal(existsSync(join(out, `${split}.jsonl`)), wanted.length > 0);
    }
  });

test('one conversation: the end that the tokenize stage held out is held out, whatever the template', async (context) => {
  const [{ messages }] = CONVERSATIONS as [Conversation];
  const { out, stages, see } = await ran(context, {
    conversations: [{ id: 'one', messages }],
    tokenize: { tokens: { template: '({ms}) {name}: {text}', validation: 0.4 } },
  });
  assert.equal((await see('latest', out, '--as', 'sharegpt')).code, 0);
  const held = idsInTokens(join(stages, 'tokens'), 'validation');
  assert.ok(held.length > 1);
  for (const id of idsIn(join(out, 'validation.jsonl'))) assert.ok(held.includes(id));
  for (const id of idsIn(join(out, 'train.jsonl'))) assert.ok(!held.includes(id));
});

test('a conversation that repeats one of another split is left out and counted', async (context) => {
  const [first] = CONVERSATIONS as [Conversation];
  const again = { ...first, messages: first.messages.map((m) => ({ ...m, time: m.time! + 1e12 })) };
  const { out, see } = await ran(context, {
    conversations: [...CONVERSATIONS, again],
    tokenize: { tokens: { template: '{name}: {text}', validation: 0.1, splitBy: 'time' } },
  });
  const { repeated, messages } = JSON.parse((await see('latest', out, '--as', 'messages', '--json')).stdout) as Printed;
  assert.deepEqual([repeated, messages], [8, 25 * 8]);
});

test('without a tokenize stage a seed decides, the same one always alike; a second export writes nothing', async (context) => {
  const { dir, out, see } = await ran(context);
  const first = await see('latest', out, '--as', 'messages');
  assert.match(first.output, /held out: a share of 0\.05 by conversation, seed 1337, because no tokenize stage/);
  const before = readFileSync(join(out, 'train.jsonl'), 'utf8');
  rmSync(join(out, 'validation.jsonl'));
  const { files } = JSON.parse((await see('latest/chat', out, '--as', 'messages', '--json')).stdout) as Printed;
  assert.deepEqual(
    files.map(({ file, outcome }) => [file, outcome]),
    [
      ['train.jsonl', 'same'],
      ['validation.jsonl', 'written'],
      ['dataset_info.json', 'same'],
      ['summary.json', 'same'],
    ],
  );
  assert.equal(readFileSync(join(out, 'train.jsonl'), 'utf8'), before);
  const { code, output } = await see('latest', out, '--as', 'messages', '--seed', '2');
  assert.deepEqual(
    [code, output],
    [
      2,
      'error DIR/out/my chat/train.jsonl exists with different content; nothing was written: remove it or choose another folder\n',
    ],
  );
  assert.deepEqual(readdirSync(out).sort(), ['dataset_info.json', 'summary.json', 'train.jsonl', 'validation.jsonl']);
  const other = join(dir, 'other');
  await see('latest', other, '--as', 'messages', '--seed', '2');
  assert.notDeepEqual(idsIn(join(other, 'validation.jsonl')), idsIn(join(out, 'validation.jsonl')));
  writeFileSync(join(other, 'test.jsonl'), '');
  assert.match(
    (await see('latest', other, '--as', 'messages', '--seed', '2')).output,
    /contains test\.jsonl, which a trainer would read as part of this training set; nothing was written/,
  );
});

test('an unknown person is refused with the nearest name, a missing one with a list of people', async (context) => {
  const { chat, out, see } = await ran(context, { owner: null });
  const wrong = async (...args: string[]): Promise<string> => {
    const { code, output, stdout } = await see('latest', out, '--as', 'messages', ...args);
    assert.deepEqual([code, stdout], [2, ''], output);
    assert.ok(!existsSync(out));
    return output;
  };
  const people = 'people: Bob (112 messages), Ann (64 messages), Cy (16 messages)';
  const sorted = (text: string): string =>
    text.replace(/people: (.*)/, (_, list: string) => `people: ${list.split(', ').sort().join(', ')}`);
  assert.equal(sorted(await wrong()), sorted(`error whose messages should be learned? --me NAME; ${people}\n`));
  assert.equal(
    await wrong('--me', 'Anne'),
    'error nobody in these conversations is called "Anne"; did you mean "Ann"?\n',
  );
  rmSync(join(chat, 'people.json')); // other kinds than ingest do not write it
  assert.equal(
    await wrong('--me', 'Xaver Unknown'),
    `error nobody in these conversations is called "Xaver Unknown"; ${people}\n`,
  );
});

test('wrong arguments are refused', async (context) => {
  const { stages, out, see } = await ran(context, {
    tokenize: { one: { template: '{text}', validation: 0.1 }, two: { template: '{text}', validation: 0.2 } },
  });
  const wrong = async (...args: string[]): Promise<string> => {
    const { code, output, stdout } = await see(...args);
    assert.deepEqual([code, stdout], [2, ''], output);
    return output;
  };
  assert.equal(
    await wrong('latest', out, '--as', 'messages'),
    `error the stages one and two of run ${NAME} hold out different conversations; name the one whose split to use: ./runner export ${NAME} one DIR\n`,
  );
  const { stdout } = await see('latest', 'two', out, '--as', 'messages', '--json');
  assert.equal((JSON.parse(stdout) as Printed).heldOut.stage, 'two');
  assert.equal(
    await wrong('latest/one', out, '--as', 'messages', '--seed', '3'),
    `error the stage one of run ${NAME} decides what is held out; remove --seed\n`,
  );
  assert.equal(
    await wrong('latest', 'chot', out, '--as', 'messages'),
    `error run ${NAME} has no stage "chot"; did you mean "chat"?\n`,
  );
  assert.match(await wrong('latest', 'chat', '--as', 'messages'), /^error DIR is missing, since "chat" is a stage/);
  assert.match(await wrong('latest/one', join(stages, 'chat', 'x'), '--as', 'messages'), /inside a stage's result/);
  assert.equal(
    await wrong('latest', out, '--as', 'llmc', '--gap', '6h'),
    'error --gap is for --as messages and --as sharegpt\n',
  );
  assert.match(await wrong('latest', out, '--as', 'messages', '--gap', 'six'), /^error --gap takes a value like/);
  assert.match(await wrong('latest', out, '--as', 'messages', '--max-tokens', '3'), /of at least 16/);
});

test('a split that differs from that of the tokens, and a damaged line, are errors without text', async (context) => {
  const { chat, stages, out, see } = await ran(context, {
    tokenize: { tokens: { template: '{text}', validation: 0.3 } },
  });
  const { splits } = readTokensIndex(join(stages, 'tokens'));
  writeConversations(chat, CONVERSATIONS.slice(1), 'Ann');
  const { code, output } = await see('latest', out, '--as', 'messages');
  assert.equal(code, 2);
  assert.ok(splits.train.documents > 0);
  assert.match(
    output,
    /^error stage tokens of run \S+ has \d+ (train|validation) documents, but its params now give \d+/,
  );
  writeConversations(chat, CONVERSATIONS, 'Ann');
  appendFileSync(join(chat, 'conversations.jsonl'), '{"id":"a","messages":[{"from":"Ann","time":0,"text":"secret"}\n');
  const damaged = await see('latest', out, '--as', 'messages');
  assert.equal(damaged.code, 1);
  assert.match(damaged.output, /^error conversations\.jsonl:25: damaged: not JSON\n {2}hint: \.\/runner verify/);
  assert.ok(!damaged.output.includes('secret'));
  assert.ok(!existsSync(out));
});

test('a folder in the way is an error; what a killed export has left is removed', async (context) => {
  const { out, see } = await ran(context);
  const inTheWay = join(out, 'train.jsonl');
  const leftover = join(out, 'training-set.4194305-0123abcd.aside'); // above the highest process id of Linux
  for (const dir of [inTheWay, leftover]) mkdirSync(dir, { recursive: true });
  const { code, output } = await see('latest', out, '--as', 'messages');
  assert.deepEqual([code, output.split(':')[0]], [1, 'error cannot write DIR/out/my chat']);
  assert.deepEqual(readdirSync(out), ['train.jsonl']);
  rmSync(inTheWay, { recursive: true });
  assert.equal((await see('latest', out, '--as', 'messages')).code, 0);
  assert.deepEqual(readdirSync(out).sort(), ['dataset_info.json', 'summary.json', 'train.jsonl', 'validation.jsonl']);
});
