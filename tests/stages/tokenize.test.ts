import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  openConversationsWriter,
  readConversationBlocks,
  type Conversation,
} from '../../src/artifacts/conversations.ts';
import { openTokens, verifyTokens } from '../../src/artifacts/tokens/tokens.ts';
import type { SplitName } from '../../src/artifacts/tokens/index.ts';
import { readVocabulary } from '../../src/tokenizer/gpt2/vocabulary-files.ts';
import { byteLevelTokenizer } from '../../src/tokenizer/byte-level.ts';
import type { StageEvent } from '../../src/pipeline/events.ts';
import { StageInputError, StageStopped } from '../../src/pipeline/stage-kind.ts';
import { classOfLabel, speakerOfLabel } from '../../src/tokenizer/token-labels.ts';
import { contract as tokenize } from '../../stages/tokenize/contract.ts';
import type { EncodedBlock } from '../../stages/tokenize/encode-block.ts';
import { encodeBlocks } from '../../stages/tokenize/encode-blocks.ts';
import { newLeakCheck, reportLeaks } from '../../stages/leak-check.ts';
import { hashPosition, splitAt, splitRule } from '../../stages/tokenize/split.ts';
import { NO_SHARED_DATA, sharedData, tempDir } from '../artifacts/on-disk.ts';
import { digestOf, ingestFrom, runStage, textsOf, type Ran } from './run-data-stage.ts';

const vocabulary = readVocabulary();
const encoding = byteLevelTokenizer(vocabulary.vocabJson, vocabulary.mergesText);

function chat(...texts: string[]): Conversation {
  return {
    id: 'x',
    messages: texts.map((text, i) => ({ from: i % 2 ? 'Ben' : 'Ann', time: 1600000000000 + i, text })),
  };
}

async function tokenized(dir: string, conversations: Conversation[], params: object = {}): Promise<Ran> {
  const writer = openConversationsWriter(dir);
  for (const conversation of conversations) writer.append(conversation);
  writer.close({
    conversations: 0,
    messages: 0,
    people: 0,
    dropped: {},
    read: 0,
    withNewlines: 0,
    skipped: { count: 0, first: [] },
  });
  return runStage('tokenize', dir, { params, inputs: { conversations: dir } });
}

/** The documents of a split as text. Asserts that each ends with its only separator. */
function documents(dir: string, name: SplitName): string[] {
  const reader = openTokens(dir);
  const split = reader.split(name);
  const texts = Array.from(split.starts, (start, i) => {
    const ids = [...split.read(start, (split.starts[i + 1] ?? split.tokens) - start)];
    assert.equal(ids.indexOf(50256), ids.length - 1);
    return encoding.decode(ids);
  });
  assert.equal(
    split.bytes,
    texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
  );
  reader.close();
  return texts;
}

test("renders the 2019 blog post's line format and ends documents with the real separator", async (t) => {
  const { outDir, events } = await tokenized(tempDir(t), [chat('hi', 'ho <|endoftext|>')], { validation: 0 });
  assert.deepEqual(documents(outDir, 'train'), ['(1600000000000) Ann: hi\n(1600000000001) Ben: ho <|endoftext|>\n']);
  assert.deepEqual(documents(outDir, 'validation'), []);
  assert.deepEqual(readdirSync(outDir).sort(), ['index.json', 'train-000000.bin', 'train-000000.labels']);
  const { index } = openTokens(outDir);
  assert.deepEqual(
    [index.vocabularySize, index.separator, index.tokenizer.name, index.template],
    [50257, 50256, 'gpt2', '({ms}) {name}: {text}'],
  );
  const progress = events.findLast((event) => event.kind === 'progress');
  assert.ok(progress?.kind === 'progress' && progress.unit === 'MB' && progress.done === progress.total);
  assert.match(
    textsOf(events, 'note')[0]!,
    /^\d+ tokens in 1 document for train, 0 tokens in 0 documents for validation \(0\.0 %\); \d\.\d\d bytes per token$/,
  );
  assert.match(
    textsOf(events, 'note')[1]!,
    /^tokens by class: stamp \d+\.\d %, name \d+\.\d %, text \d+\.\d %, separator \d\.\d %$/,
  );
  verifyTokens(outDir);
});

test('golden output: if it changes, raise the version', async (t) => {
  const chats = Array.from({ length: 30 }, (_, i) => chat(`chat ${i}`, 'so <|endoftext|>', 'ça 👍'));
  const digests = [
    digestOf((await tokenized(tempDir(t), chats)).outDir),
    digestOf((await tokenized(tempDir(t), chats.slice(0, 1), { template: '{s} {text}', validation: 0.5 })).outDir),
  ];
  assert.deepEqual(
    { version: tokenize.version, digests },
    {
      version: 3,
      digests: [
        'cd8c74bfb2cd94da2ad304241d327d46dc751eaf966d358aa54fd12c8fac85ae',
        '4f2ebac52328e197bffc29fb454ee0b59999e89f927bda843da1dc214d500dd1',
      ],
    },
  );
});

test('labels each token with its class and speaker', async (t) => {
  const conversation = {
    id: 'x',
    messages: [
      { from: 'Ann', time: 1600000000999, text: 'hello' },
      { from: 'Ben', time: 5, text: 'yes' },
      { from: 'Ann', time: 6, text: 'ok' },
    ],
  };
  const { outDir } = await tokenized(tempDir(t), [conversation], { validation: 0, template: '{name}: {text}' });
  const reader = openTokens(outDir);
  const train = reader.split('train');
  const { vocabJson, mergesText } = readVocabulary();
  const { decode } = byteLevelTokenizer(vocabJson, mergesText);
  const seen = [...train.labels(0, train.tokens)].map(
    (label, index) =>
      `${decode(train.read(index, 1))}/${classOfLabel(label)}/${reader.index.speakers[speakerOfLabel(label) - 1] ?? '-'}`,
  );
  reader.close();
  assert.deepEqual(seen, [
    'Ann/name/Ann',
    ':/name/Ann',
    ' hello/text/Ann',
    '\n/text/Ann',
    'Ben/name/Ben',
    ':/name/Ben',
    ' yes/text/Ben',
    '\n/text/Ben',
    'Ann/name/Ann',
    ':/name/Ann',
    ' ok/text/Ann',
    '\n/text/Ann',
    '/separator/-',
  ]);
});

test('handles other templates, text without speakers and unpaired surrogates', async (t) => {
  const conversation = {
    id: 'x',
    messages: [
      { from: 'Ann', time: 1600000000999, text: 'a' },
      { from: '', time: null, text: 'line' },
      { from: 'Ben', time: 5, text: '\ud800\u0085\ufeff' },
    ],
  };
  const { outDir } = await tokenized(tempDir(t), [conversation], { validation: 0, template: '[{s}] <{name}> {text}' });
  assert.deepEqual(documents(outDir, 'train'), ['[1600000000] <Ann> a\nline\n[0] <Ben> \ufffd\u0085\ufeff\n']);
});

test('any conversations decode to their rendered text, each in one split, no split empty, with identical bytes on a rerun', async (t) => {
  const dir = tempDir(t);
  const word = fc.oneof(
    fc.constantFrom('a', 'b', '<|endoftext|>', '\u0085', '\ufeff x', '👍'),
    fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.replaceAll('\n', '')),
  );
  const conversations = fc.array(
    fc.array(word, { minLength: 1, maxLength: 4 }).map((texts) => chat(...texts)),
    { minLength: 1, maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(
      conversations,
      fc.constantFrom(0.01, 0.05, 0.5),
      fc.integer({ min: 0, max: 9 }),
      async (all, validation, seed) => {
        const params = { template: '{name}: {text}', validation, seed };
        const { outDir } = await tokenized(dir, all, params);
        const rendered = all.map(({ messages }) => messages.map(({ from, text }) => `${from}: ${text}\n`).join(''));
        const [train, held] = [documents(outDir, 'train'), documents(outDir, 'validation')];
        if (new Set(rendered).size > 1) {
          assert.deepEqual([...train, ...held].sort(), [...rendered].sort());
          assert.ok(train.length > 0 && held.length > 0);
          assert.ok(held.every((text) => !train.includes(text)));
          assert.deepEqual(
            train,
            rendered.filter((text) => train.includes(text)),
          );
        } else {
          assert.equal(train[0]! + (held[0] ?? ''), rendered[0]);
          assert.equal(held.length > 0, all[0]!.messages.length > 1);
        }
        const again = await tokenized(dir, all, params);
        for (const name of readdirSync(outDir))
          assert.ok(readFileSync(join(outDir, name)).equals(readFileSync(join(again.outDir, name))), name);
      },
    ),
    { numRuns: 20 },
  );
});

test("neither other conversations nor its own times affect a conversation's split", () => {
  const chats = Array.from({ length: 4000 }, (_, i) => chat(`conversation ${i}`));
  const position = ({ messages }: Pick<Conversation, 'messages'>, seed: number): number =>
    hashPosition(Buffer.from(`${seed}\n${messages.map(({ from, text }) => `${from}\t${text}\n`).join('')}`));
  const splits = (seed: number) =>
    chats.map((one) => splitAt(position(one, seed), { kind: 'place', validation: 0.05, test: 0.1 }));
  const held = splits(1337);
  // 4000 draws at 5 %: 200 ± 14
  for (const side of ['validation', 'test'])
    assert.ok(Math.abs(held.filter((name) => name === side).length - 200) < 60, side);
  assert.ok(splits(1).filter((name, i) => name === 'validation' && held[i] === 'validation').length < 40);
  assert.ok(chats.every((one) => position(one, 7) >= 0 && position(one, 7) < 1));
});

test('moves the nearest conversation if the hash leaves a split empty', () => {
  const rule = (least: number, greatest: number, validation: number, test = 0) =>
    splitRule({ conversations: 2, least, greatest }, { validation, test });
  assert.deepEqual(rule(0.2, 0.7, 0), { kind: 'place', validation: 0, test: 0 });
  assert.deepEqual(rule(0.01, 0.7, 0.05), { kind: 'place', validation: 0.05, test: 0.05 });
  assert.deepEqual(rule(0.01, 0.7, 0.05, 0.1), { kind: 'place', validation: 0.05, test: 0.05 + 0.1 });
  const { validation } = rule(0.2, 0.7, 0.05) as { validation: number };
  assert.ok(0.2 < validation && validation - 0.2 < 1e-12);
  assert.deepEqual(rule(0.01, 0.02, 0.05), { kind: 'place', validation: 0.02, test: 0.02 });
  assert.deepEqual(rule(0.01, 0.12, 0.05, 0.1), { kind: 'place', validation: 0.05, test: 0.12 });
  assert.deepEqual(rule(0.3, 0.3, 0.05), { kind: 'tail', share: 0.05 });
});

test('puts each conversation into one of three splits', async (t) => {
  const chats = Array.from({ length: 200 }, (_, i) => chat(`chat ${i}`));
  const { outDir } = await tokenized(tempDir(t), chats, { validation: 0.1, test: 0.2, template: '{text}' });
  const sides = (['train', 'validation', 'test'] as const).map((name) => documents(outDir, name));
  assert.deepEqual(sides.flat().sort(), chats.map((_, i) => `chat ${i}\n`).sort());
  assert.ok(
    sides[1]!.length > 8 && sides[1]!.length < 35 && sides[2]!.length > 20 && sides[2]!.length < 65,
    `${sides.map((side) => side.length)}`,
  );
  const two = await tokenized(tempDir(t), chats.slice(0, 2), { validation: 0.5, test: 0.4, template: '{text}' });
  assert.equal(documents(two.outDir, 'train').length + documents(two.outDir, 'validation').length, 2);
});

test('splitBy: time holds out the latest conversations and leaves out those identical to one in another split', async (t) => {
  const at = (hours: number, text: string): Conversation => ({
    id: text,
    messages: [{ from: 'Ann', time: 1.6e12 + hours * 3.6e6, text }],
  });
  const chats = [at(9, 'j'), ...Array.from({ length: 8 }, (_, i) => at(i, 'abcdefgh'[i]!)), at(8, 'i')];
  const params = { splitBy: 'time', validation: 0.2, test: 0.1, template: '{text}' };
  const { outDir } = await tokenized(tempDir(t), chats, params);
  assert.deepEqual(
    (['train', 'validation', 'test'] as const).map((name) => documents(outDir, name)),
    [['a\n', 'b\n', 'c\n', 'd\n', 'e\n', 'f\n', 'g\n'], ['h\n', 'i\n'], ['j\n']],
  );
  const repeating = chats.map((one) =>
    one.id === 'i' ? { ...one, messages: [{ ...one.messages[0]!, text: 'a' }] } : one,
  );
  const left = await tokenized(tempDir(t), repeating, params);
  assert.deepEqual(
    (['train', 'validation', 'test'] as const).map((name) => documents(left.outDir, name).length),
    [7, 1, 1],
  );
  assert.equal(
    textsOf(left.events, 'note')[0],
    '1 conversation left out: identical to an earlier one in another split',
  );
  await assert.rejects(
    tokenized(tempDir(t), [{ id: 'x', messages: [{ from: 'A', time: null, text: 'b' }] }], params),
    /conversation 1 has no times/,
  );
});

test('writes and labels other endings and a header', async (t) => {
  const shown = async (params: object): Promise<string> => {
    const { outDir } = await tokenized(tempDir(t), [chat('hi', 'ho')], {
      validation: 0,
      template: '{name}: {text}',
      ...params,
    });
    const reader = openTokens(outDir);
    const train = reader.split('train');
    const ids = [...train.read(0, train.tokens)];
    const text = ids
      .map((id, i) => `${id === 50256 ? '|END|' : encoding.decode([id])}${classOfLabel(train.labels(i, 1)[0]!)[0]}`)
      .join('.');
    reader.close();
    return text;
  };
  assert.equal(await shown({}), 'Annn.:n. hit.\nt.Benn.:n. hot.\nt.|END|s');
  assert.equal(await shown({ ending: 'sevenTokens' }), 'Annn.:n. hit.\nt.Benn.:n. hot.\nt.<s.|s.ends.ofs.texts.|s.>s');
  assert.equal(await shown({ ending: 'blankLines' }), 'Annn.:n. hit.\nt.Benn.:n. hot.\n\ns.\ns');
  assert.equal(
    await shown({ header: '# {people} {date} {messages}' }),
    '#s. Anns.,s. Bens. 2020s.-s.09s.-s.13s. 2s.\ns.Annn.:n. hit.\nt.Benn.:n. hot.\nt.|END|s',
  );
});

test('the leak check reports the share of held-out lines that also occur in train, and stops above 5 %', async (t) => {
  const dir = tempDir(t);
  const repeatedLine = 'a line of more than twenty-five characters';
  const chats = (every: number) =>
    Array.from({ length: 300 }, (_, i) =>
      chat(`chat ${i} is not like any of the others`, i % every === 0 ? repeatedLine : `nor is this line of chat ${i}`),
    );
  const shareIn = (events: StageEvent[]): number =>
    Number(/([\d.]+) % of the long held-out lines also occur in train$/.exec(textsOf(events, 'note').at(-1)!)![1]);
  const few = await tokenized(dir, chats(20), { validation: 0.2 });
  assert.ok(shareIn(few.events) > 0 && shareIn(few.events) <= 5);
  await assert.rejects(
    tokenized(dir, chats(4), { validation: 0.2 }),
    (error: StageInputError) =>
      error instanceof StageInputError &&
      /^\d+ of \d+ held-out lines of 25 characters and more \([\d.]+ %\) also occur in the training split/.test(
        error.message,
      ) &&
      /`leaks: allow`/.test(error.hint!) &&
      !`${error.message} ${error.hint}`.includes('twenty-five'),
  );
  const allowed = await tokenized(dir, chats(4), { validation: 0.2, leaks: 'allow' });
  assert.match(textsOf(allowed.events, 'warning')[0]!, /^leak check: \d+ of \d+ held-out lines/);
});

test('the leak check only warns while fewer than five held-out lines also occur in train', () => {
  const outcome = (repeated: number, checked: number) => {
    const events: StageEvent[] = [];
    try {
      reportLeaks(
        { conversations: { checked: 2, repeated: 0 }, lines: { checked, repeated } },
        { noun: 'conversation', leaks: undefined, emit: (event) => events.push(event) },
      );
    } catch {
      return 'stops';
    }
    return events.map(({ kind }) => kind).join();
  };
  assert.deepEqual(
    [outcome(0, 5), outcome(1, 5), outcome(1, 1), outcome(4, 20), outcome(5, 20), outcome(5, 100), outcome(6, 100)],
    ['note', 'warning', 'warning', 'warning', 'stops', 'note', 'stops'],
  );
});

test('the leak check stops at a single held-out conversation that other people also have in train', async (t) => {
  const dir = tempDir(t);
  const lines = (i: number) => [1, 2, 3].map((line) => `line ${line} of conversation ${i}, like no other`);
  const chats = Array.from({ length: 400 }, (_, i) => chat(...lines(i)));
  await tokenized(dir, chats, { validation: 0.3 });
  // a copy of each of three conversations, under other names
  const copies = [5, 6, 7].map((i) => ({
    ...chat(...lines(i)),
    messages: chat(...lines(i)).messages.map((message) => ({ ...message, from: `${message.from} Example` })),
  }));
  const outcomes = await Promise.all(
    [1, 2, 3, 4, 5, 6].map((seed) =>
      tokenized(tempDir(t), [...chats, ...copies], { validation: 0.3, seed }).then(
        () => 'ran',
        (error: StageInputError) => error.message,
      ),
    ),
  );
  assert.ok(
    outcomes.some((text) => /^[123] of \d+ held-out conversations also occur in the training split/.test(text)),
    outcomes.join('\n'),
  );
});

test('the leak check takes samples of many lines', () => {
  const check = newLeakCheck(100);
  const hashes = (from: number, to: number) =>
    Float64Array.from({ length: to - from }, (_, i) =>
      Number(BigInt.asUintN(53, BigInt(from + i + 1) * 0x9e3779b97f4a7c15n)),
    );
  check.add('train', hashes(0, 10_000));
  check.add('validation', hashes(8_000, 12_000));
  const { checked: lines, repeated } = check.result();
  assert.ok(lines > 10 && lines <= 200, `${lines}`);
  assert.ok(Math.abs(repeated / lines - 0.5) < 0.3, `${repeated} of ${lines}`);
});

/** A copy that stays valid: a yielded block's memory is reused when the next one is requested. */
function copyOf({ splits, lines, ...block }: EncodedBlock): EncodedBlock {
  const copied = (name: SplitName) => ({
    ...splits[name],
    ids: splits[name].ids.slice(),
    labels: splits[name].labels.slice(),
  });
  return {
    ...block,
    splits: { train: copied('train'), validation: copied('validation'), test: copied('test') },
    lines: { train: lines.train.slice(), validation: lines.validation.slice(), test: lines.test.slice() },
  };
}

test('the number of threads does not change the blocks, their order or their speakers', async (t) => {
  const dir = tempDir(t);
  const writer = openConversationsWriter(dir);
  for (let i = 0; i < 400; i++)
    writer.append({
      id: `${i}`,
      messages: [
        { from: `Name ${i % 37}`, time: i, text: `text ${i} ça 👍` },
        { from: 'Ben', time: i, text: 'x'.repeat(i) },
      ],
    });
  writer.close({
    conversations: 0,
    messages: 0,
    people: 0,
    dropped: {},
    read: 0,
    withNewlines: 0,
    skipped: { count: 0, first: [] },
  });
  const rendering = {
    template: '({ms}) {name}: {text}',
    header: '',
    ending: 'separator',
    seed: 1,
    rule: { kind: 'place', validation: 0.1, test: 0.1 },
  } as const;
  const encoded = async (threads: number, blockBytes: number) => {
    const blocks: EncodedBlock[] = [];
    for await (const { block } of encodeBlocks(readConversationBlocks(dir, blockBytes), {
      rendering,
      threads,
      parts: null,
      spare: [],
    }))
      blocks.push(copyOf(block));
    return blocks;
  };
  const alone = await encoded(0, 5000);
  assert.ok(alone.length > 20);
  assert.deepEqual(await encoded(2, 5000), alone);
  const [whole] = await encoded(0, 1 << 20);
  assert.deepEqual(
    alone.flatMap(({ splits }) => [...splits.train.ids]),
    [...whole!.splits.train.ids],
  );
  assert.equal(
    alone.reduce((sum, { survey }) => sum + survey.conversations, 0),
    400,
  );
  const timeless = tempDir(t);
  writeFileSync(
    join(timeless, 'conversations.jsonl'),
    `${JSON.stringify({ id: '1', messages: [{ from: 'A', time: null, text: 'secret' }] })}\n`,
  );
  for (const threads of [0, 1]) {
    const failed = encodeBlocks(readConversationBlocks(timeless, 100), {
      rendering,
      threads,
      parts: null,
      spare: [],
    }).next();
    await assert.rejects(
      failed,
      (error: unknown) =>
        error instanceof StageInputError &&
        /message 1 of conversation 1 has no time/.test(error.message) &&
        error.hint!.includes('template'),
    );
  }
});

test('holds out the last lines of a single conversation, and nothing of a single line', async (t) => {
  const texts = Array.from({ length: 40 }, (_, i) => `line ${10 + i}`);
  const { outDir, events } = await tokenized(tempDir(t), [chat(...texts)], { validation: 0.1 });
  const [train, held] = [documents(outDir, 'train'), documents(outDir, 'validation')];
  assert.deepEqual([train.length, held.length], [1, 1]);
  assert.deepEqual([train[0]!.split('\n').length - 1, held[0]!.split('\n').length - 1], [36, 4]);
  assert.equal(textsOf(events, 'note')[0], 'there is only one conversation: held out its last lines');
  const one = await tokenized(tempDir(t), [chat('only')]);
  assert.deepEqual([documents(one.outDir, 'train').length, documents(one.outDir, 'validation').length], [1, 0]);
  assert.deepEqual(textsOf(one.events, 'warning'), [
    'nothing is held out: there is only one conversation, and it has one line',
  ]);
});

test('reports unusable input, template and header with what to do', async (t) => {
  const timeless = {
    id: 'x',
    messages: [
      { from: '', time: null, text: 'title' },
      { from: 'A', time: null, text: 'secret' },
    ],
  };
  const failing = async (conversations: Conversation[]) => {
    const error = await tokenized(tempDir(t), conversations).then(
      () => assert.fail('it should have failed'),
      (error: unknown) => error,
    );
    assert.ok(error instanceof StageInputError, String(error));
    return `${error.message}\n${error.hint}`;
  };
  assert.equal(
    await failing([chat('a'), timeless]),
    'message 2 of conversation 2 has no time, but the template "({ms}) {name}: {text}" needs one\nset `template: "{name}: {text}"` on this stage',
  );
  assert.equal(
    await failing([]),
    'there are no conversations to encode\nsee report.json of the ingest stage for what was dropped and why',
  );
  const faults = tokenize.check!(
    {
      template: '({time}) {name}',
      header: '{who}',
      ending: 'separator',
      validation: 0.05,
      test: 0,
      splitBy: 'conversation',
      seed: 1,
    },
    ['conversations'],
  );
  assert.deepEqual(
    faults.map(({ path, message }) => `${path}: ${message}`),
    [
      'template: {time} is not a placeholder; use {ms}, {s}, {iso}, {gap}, {name} or {text}',
      'template: a template must contain {text}',
      'header: {who} is not a header placeholder; use {people}, {date} or {messages}',
    ],
  );
});

test('leaves no index when it is stopped', async (t) => {
  const dir = tempDir(t);
  await tokenized(dir, [chat('a'), chat('b')]);
  await assert.rejects(
    runStage('tokenize', dir, { params: {}, inputs: { conversations: dir }, signal: AbortSignal.abort() }),
    StageStopped,
  );
});

test('a real topic decodes to exactly its rendered text', async (t) => {
  const path = sharedData('self-dialogue/star_wars.jsonl');
  if (!path) return t.skip(NO_SHARED_DATA);
  const dir = tempDir(t);
  const ingested = await ingestFrom(dir, 'jsonl', path);
  const { outDir } = await runStage('tokenize', dir, {
    params: { template: '{name}: {text}' },
    inputs: { conversations: ingested.outDir },
  });
  const rendered = readFileSync(join(ingested.outDir, 'conversations.jsonl'), 'utf8').split('\n').filter(Boolean);
  const expected = rendered.map((line) =>
    (JSON.parse(line) as Conversation).messages.map(({ from, text }) => `${from}: ${text}\n`).join(''),
  );
  assert.deepEqual([...documents(outDir, 'train'), ...documents(outDir, 'validation')].sort(), expected.sort());
  const { splits } = openTokens(outDir).index;
  const share = splits.validation.documents / (splits.train.documents + splits.validation.documents);
  assert.ok(share > 0.03 && share < 0.07, `${share}`);
});
