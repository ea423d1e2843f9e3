import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { openConversationsWriter, type Conversation } from '../../src/artifacts/conversations.ts';
import { openTokens, verifyTokens } from '../../src/artifacts/tokens.ts';
import type { SplitName } from '../../src/artifacts/tokens-index.ts';
import { readVocabulary } from '../../src/artifacts/vocabulary.ts';
import { createEncoding } from '../../src/lm/encoding.ts';
import { StageInputError, StageStopped } from '../../stages/define-stage.ts';
import { classOfLabel, speakerOfLabel } from '../../src/lm/token-labels.ts';
import { documentsOf, placeOf, splitRule, tokenize } from '../../stages/tokenize.ts';
import { NO_SHARED_DATA, sharedData, tempDir } from '../artifacts/on-disk.ts';
import { digestOf, ingestFrom, runStage, textsOf, type Ran } from './run-data-stage.ts';

const vocabulary = readVocabulary();
const encoding = createEncoding(vocabulary.vocabJson, vocabulary.mergesText);

function chat(...texts: string[]): Conversation {
  return { id: 'x', messages: texts.map((text, i) => ({ from: i % 2 ? 'Ben' : 'Ann', time: 1600000000000 + i, text })) };
}

async function tokenized(dir: string, conversations: Conversation[], params: object = {}): Promise<Ran> {
  const writer = openConversationsWriter(dir);
  for (const conversation of conversations) writer.append(conversation);
  writer.close({ conversations: 0, messages: 0, people: 0, dropped: {}, read: 0, newlinesFolded: 0, skipped: { count: 0, first: [] } });
  return runStage('tokenize', dir, { params, inputs: { conversations: dir } });
}

/** The documents of a split as text, and the check that each ends with the one separator it has. */
function documents(dir: string, name: SplitName): string[] {
  const reader = openTokens(dir);
  const split = reader.split(name);
  const texts = Array.from(split.starts, (start, i) => {
    const ids = [...split.read(start, (split.starts[i + 1] ?? split.tokens) - start)];
    assert.equal(ids.indexOf(50256), ids.length - 1);
    return encoding.decode(ids);
  });
  assert.equal(split.bytes, texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0));
  reader.close();
  return texts;
}

test('the seed\'s line form, ended by the real separator', async (t) => {
  const { outDir, events } = await tokenized(tempDir(t), [chat('hi', 'ho <|endoftext|>')], { validation: 0 });
  assert.deepEqual(documents(outDir, 'train'), ['(1600000000000) Ann: hi\n(1600000000001) Ben: ho <|endoftext|>\n']);
  assert.deepEqual(documents(outDir, 'validation'), []);
  assert.deepEqual(readdirSync(outDir).sort(), ['index.json', 'train-000000.bin', 'train-000000.labels']);
  const { index } = openTokens(outDir);
  assert.deepEqual([index.vocabularySize, index.separator, index.tokenizer.name, index.template], [50257, 50256, 'gpt2', '({ms}) {name}: {text}']);
  assert.match(textsOf(events, 'note')[0]!, /^\d+ tokens in 1 document to train, 0 tokens in 0 documents to validation \(0\.0 %\); \d\.\d\d bytes a token$/);
  verifyTokens(outDir);
});

test('golden output: if it changes, raise the version', async (t) => {
  const chats = Array.from({ length: 30 }, (_, i) => chat(`chat ${i}`, 'so <|endoftext|>', 'ça 👍'));
  const digests = [digestOf((await tokenized(tempDir(t), chats)).outDir), digestOf((await tokenized(tempDir(t), chats.slice(0, 1), { template: '{s} {text}', validation: 0.5 })).outDir)];
  assert.deepEqual({ version: tokenize.version, digests }, {
    version: 2,
    digests: ['8953015d2af3b6dc330467fbaf60ac75b3db9b5d4961796dd108c9fec85a1b8b', '8a5f74d1c17bcb5713c2c3070219f9a8601a43ccf123c61c1f7ec71b8a50acf0'],
  });
});

test('each token knows its class and its speaker', async (t) => {
  const conversation = { id: 'x', messages: [{ from: 'Ann', time: 1600000000999, text: 'hello' }, { from: 'Ben', time: 5, text: 'yes' }, { from: 'Ann', time: 6, text: 'ok' }] };
  const { outDir } = await tokenized(tempDir(t), [conversation], { validation: 0, template: '{name}: {text}' });
  const reader = openTokens(outDir);
  const train = reader.split('train');
  const { vocabJson, mergesText } = readVocabulary();
  const { decode } = createEncoding(vocabJson, mergesText);
  const seen = [...train.labels(0, train.tokens)].map((label, place) => `${decode(train.read(place, 1))}/${classOfLabel(label)}/${reader.index.speakers[speakerOfLabel(label) - 1] ?? '-'}`);
  reader.close();
  assert.deepEqual(seen, ['Ann/name/Ann', ':/name/Ann', ' hello/text/Ann', '\n/text/Ann', 'Ben/name/Ben', ':/name/Ben', ' yes/text/Ben', '\n/text/Ben', 'Ann/name/Ann', ':/name/Ann', ' ok/text/Ann', '\n/text/Ann', '/separator/-']);
});

test('other templates, text without speakers, surrogates without partner', async (t) => {
  const conversation = { id: 'x', messages: [{ from: 'Ann', time: 1600000000999, text: 'a' }, { from: '', time: null, text: 'line' }, { from: 'Ben', time: 5, text: '\ud800\u0085\ufeff' }] };
  const { outDir } = await tokenized(tempDir(t), [conversation], { validation: 0, template: '[{s}] <{name}> {text}' });
  assert.deepEqual(documents(outDir, 'train'), ['[1600000000] <Ann> a\nline\n[0] <Ben> \ufffd\u0085\ufeff\n']);
});

test('any conversations come back as they were rendered, each on one side, both sides filled, the same bytes again', async (t) => {
  const dir = tempDir(t);
  const word = fc.oneof(fc.constantFrom('a', 'b', '<|endoftext|>', '\u0085', '\ufeff x', '👍'), fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.replaceAll('\n', '')));
  const conversations = fc.array(fc.array(word, { minLength: 1, maxLength: 4 }).map((texts) => chat(...texts)), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(conversations, fc.constantFrom(0.01, 0.05, 0.5), fc.integer({ min: 0, max: 9 }), async (all, validation, seed) => {
      const params = { template: '{name}: {text}', validation, seed };
      const { outDir } = await tokenized(dir, all, params);
      const rendered = all.map(({ messages }) => messages.map(({ from, text }) => `${from}: ${text}\n`).join(''));
      const [train, held] = [documents(outDir, 'train'), documents(outDir, 'validation')];
      if (new Set(rendered).size > 1) {
        assert.deepEqual([...train, ...held].sort(), [...rendered].sort());
        assert.ok(train.length > 0 && held.length > 0);
        assert.ok(held.every((text) => !train.includes(text)));
        assert.deepEqual(train, rendered.filter((text) => train.includes(text)));
      } else {
        assert.equal(train[0]! + (held[0] ?? ''), rendered[0]);
        assert.equal(held.length > 0, all[0]!.messages.length > 1);
      }
      const again = await tokenized(dir, all, params);
      for (const name of readdirSync(outDir)) assert.ok(readFileSync(join(outDir, name)).equals(readFileSync(join(again.outDir, name))), name);
    }),
    { numRuns: 20 },
  );
});

test('a conversation\'s side is its own: others beside it do not move it', () => {
  const texts = Array.from({ length: 4000 }, (_, i) => `conversation ${i}\n`);
  const rule = { kind: 'below', bound: 0.05 } as const;
  const held = texts.filter((text) => documentsOf([text], rule, 1337)[0]!.split === 'validation');
  // 4000 draws at 5 %: 200 ± 14
  assert.ok(Math.abs(held.length - 200) < 60, `${held.length}`);
  const elsewhere = texts.filter((text) => documentsOf([text], rule, 1)[0]!.split === 'validation');
  assert.ok(held.filter((text) => elsewhere.includes(text)).length < 40);
  assert.ok(texts.every((text) => placeOf(text, 7) >= 0 && placeOf(text, 7) < 1));
});

test('where the hash leaves a side empty, the nearest conversation moves', () => {
  const survey = (least: number, greatest: number) => ({ conversations: 2, bytes: 1, least, greatest });
  assert.deepEqual(splitRule(survey(0.2, 0.7), 0), { kind: 'below', bound: 0 });
  assert.deepEqual(splitRule(survey(0.01, 0.7), 0.05), { kind: 'below', bound: 0.05 });
  const least = 0.2;
  const { bound } = splitRule(survey(least, 0.7), 0.05) as { bound: number };
  assert.ok(least < bound && bound - least < 1e-12);
  assert.deepEqual(splitRule(survey(0.01, 0.02), 0.05), { kind: 'below', bound: 0.02 });
  assert.deepEqual(splitRule(survey(0.3, 0.3), 0.05), { kind: 'tail', share: 0.05 });
});

test('of a single conversation the last lines are held out, of a single line nothing', async (t) => {
  const texts = Array.from({ length: 40 }, (_, i) => `line ${10 + i}`);
  const { outDir, events } = await tokenized(tempDir(t), [chat(...texts)], { validation: 0.1 });
  const [train, held] = [documents(outDir, 'train'), documents(outDir, 'validation')];
  assert.deepEqual([train.length, held.length], [1, 1]);
  assert.deepEqual([train[0]!.split('\n').length - 1, held[0]!.split('\n').length - 1], [36, 4]);
  assert.equal(textsOf(events, 'note')[0], 'there is one conversation: its last lines are held out');
  const one = await tokenized(tempDir(t), [chat('only')]);
  assert.deepEqual([documents(one.outDir, 'train').length, documents(one.outDir, 'validation').length], [1, 0]);
  assert.deepEqual(textsOf(one.events, 'warning'), ['nothing is held out: there is one conversation of one line']);
});

test('what does not fit is said before anything is written', async (t) => {
  const timeless = { id: 'x', messages: [{ from: '', time: null, text: 'title' }, { from: 'A', time: null, text: 'secret' }] };
  const failing = async (conversations: Conversation[]) => {
    const error = await tokenized(tempDir(t), conversations).then(() => assert.fail('it should fail'), (error: unknown) => error);
    assert.ok(error instanceof StageInputError, String(error));
    return `${error.message}\n${error.hint}`;
  };
  assert.equal(
    await failing([chat('a'), timeless]),
    'message 2 of conversation 2 has no time, and the template "({ms}) {name}: {text}" asks for one\nset `template: "{name}: {text}"` on this stage',
  );
  assert.equal(await failing([]), 'there are no conversations to encode\nlook at report.json of the ingest stage: it says what was dropped and why');
  const faults = tokenize.check!({ template: '({time}) {name}', validation: 0.05, seed: 1 }, ['conversations']);
  assert.deepEqual(faults.map(({ path, message }) => `${path}: ${message}`), [
    'template: {time} is no placeholder: there are {ms}, {s}, {name} and {text}',
    'template: a template needs {text}',
  ]);
});

test('stopped on request, it leaves no index', async (t) => {
  const dir = tempDir(t);
  await tokenized(dir, [chat('a'), chat('b')]);
  await assert.rejects(runStage('tokenize', dir, { params: {}, inputs: { conversations: dir }, signal: AbortSignal.abort() }), StageStopped);
});

test('a real topic comes back exactly', async (t) => {
  const path = sharedData('self-dialogue/star_wars.jsonl');
  if (!path) return t.skip(NO_SHARED_DATA);
  const dir = tempDir(t);
  const ingested = await ingestFrom(dir, 'jsonl', path);
  const { outDir } = await runStage('tokenize', dir, { params: { template: '{name}: {text}' }, inputs: { conversations: ingested.outDir } });
  const rendered = readFileSync(join(ingested.outDir, 'conversations.jsonl'), 'utf8').split('\n').filter(Boolean);
  const wanted = rendered.map((line) => (JSON.parse(line) as Conversation).messages.map(({ from, text }) => `${from}: ${text}\n`).join(''));
  assert.deepEqual([...documents(outDir, 'train'), ...documents(outDir, 'validation')].sort(), wanted.sort());
  const { splits } = openTokens(outDir).index;
  const share = splits.validation.documents / (splits.train.documents + splits.validation.documents);
  assert.ok(share > 0.03 && share < 0.07, `${share}`);
});
