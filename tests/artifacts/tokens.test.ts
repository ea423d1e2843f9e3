import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { openTokens, openTokensWriter, verifyTokens } from '../../src/artifacts/tokens/tokens.ts';
import type { SplitName } from '../../src/artifacts/tokens/index.ts';
import { tempDir } from './on-disk.ts';

const about = {
  tokenizer: { name: 'gpt2', vocabulary: 'abc' },
  vocabularySize: 50257,
  separator: 50256,
  ending: 'separator',
  template: '{text}',
} as const;

type Document = [split: SplitName, ids: number[], bytes: number];

function write(dir: string, documents: Document[], shardTokens?: number): void {
  const writer = openTokensWriter(dir, about, shardTokens);
  for (const document of documents) writer.append(...document);
  writer.close();
}

/** Three shards of train (4 + 4 + 2 tokens) and one of validation. */
function written(t: TestContext): string {
  const dir = tempDir(t);
  write(
    dir,
    [
      ['train', [1, 2, 3, 4], 9],
      ['validation', [7], 1],
      ['train', [50255, 256, 0, 1], 5],
    ],
    4,
  );
  return dir;
}

test('the bytes are those that README.md describes', (t) => {
  const dir = written(t);
  assert.deepEqual(readdirSync(dir).sort(), [
    'index.json',
    ...['train-000000', 'train-000001', 'train-000002', 'validation-000000'].flatMap((name) => [
      `${name}.bin`,
      `${name}.labels`,
    ]),
  ]);
  const shard = readFileSync(join(dir, 'train-000001.bin'));
  const wanted = Buffer.alloc(1024 + 8);
  [20240520, 1, 4].forEach((value, i) => wanted.writeInt32LE(value, i * 4));
  [50256, 50255, 256, 0].forEach((value, i) => wanted.writeUInt16LE(value, 1024 + i * 2));
  assert.ok(shard.equals(wanted));
  const labels = readFileSync(join(dir, 'train-000001.labels'));
  wanted.writeInt32LE(20261124, 0);
  [3 << 14, 2 << 14, 2 << 14, 2 << 14].forEach((value, i) => wanted.writeUInt16LE(value, 1024 + i * 2));
  assert.ok(labels.equals(wanted));
  const index = JSON.parse(readFileSync(join(dir, 'index.json'), 'utf8'));
  const sha256 = (file: string) =>
    createHash('sha256')
      .update(readFileSync(join(dir, file)))
      .digest('hex');
  const shardOf = (name: string, tokens: number) => ({
    file: `${name}.bin`,
    tokens,
    sha256: sha256(`${name}.bin`),
    labels: { file: `${name}.labels`, sha256: sha256(`${name}.labels`) },
  });
  assert.deepEqual(index, {
    format: 'chat-runner/tokens/3',
    ...about,
    speakers: [],
    splits: {
      train: {
        tokens: 10,
        bytes: 14,
        documents: 2,
        shards: [4, 4, 2].map((tokens, i) => shardOf(`train-00000${i}`, tokens)),
        starts: [0, 5],
      },
      validation: { tokens: 2, bytes: 1, documents: 1, shards: [shardOf('validation-000000', 2)], starts: [0] },
      test: { tokens: 0, bytes: 0, documents: 0, shards: [], starts: [] },
    },
  });
});

test('every window is the same for all sizes of shards', (t) => {
  const dir = tempDir(t);
  const document = fc.tuple(
    fc.constantFrom<SplitName>('train', 'validation'),
    fc.array(fc.integer({ min: 0, max: 50255 }), { maxLength: 20 }),
    fc.nat(100),
  );
  fc.assert(
    fc.property(fc.array(document, { maxLength: 12 }), fc.integer({ min: 1, max: 30 }), (documents, shardTokens) => {
      rmSync(dir, { recursive: true });
      write(made(dir), documents, shardTokens);
      const reader = openTokens(dir);
      for (const name of ['train', 'validation'] as const) {
        const mine = documents.filter(([split]) => split === name);
        const stream = mine.flatMap(([, ids]) => [...ids, 50256]);
        const split = reader.split(name);
        assert.equal(split.tokens, stream.length);
        assert.equal(split.documents, mine.length);
        assert.equal(
          split.bytes,
          mine.reduce((sum, [, , bytes]) => sum + bytes, 0),
        );
        assert.deepEqual([...split.read(0, split.tokens)], stream);
        assert.deepEqual(
          [...split.labels(0, split.tokens)],
          stream.map((id) => (id === 50256 ? 3 : 2) << 14),
        );
        for (let start = 0; start <= stream.length; start += 3)
          assert.deepEqual([...split.read(start, Math.min(7, stream.length - start))], stream.slice(start, start + 7));
        mine.forEach(([, ids], i) =>
          assert.deepEqual([...split.read(split.starts[i]!, ids.length + 1)], [...ids, 50256]),
        );
        assert.throws(() => split.read(split.tokens, 1), RangeError);
        assert.throws(() => split.read(-1, 1), RangeError);
      }
      reader.close();
      verifyTokens(dir);
    }),
    { numRuns: 60 },
  );
});

test('refuses an unknown id and a separator inside a document', (t) => {
  const writer = openTokensWriter(tempDir(t), about);
  assert.throws(() => writer.append('train', [1, 50257], 2), /50257 cannot be inside a document/);
  assert.throws(() => writer.append('train', [50256], 2), /50256 cannot be inside a document/);
  const many = (ids: number[], lengths: number[]) => ({
    ids: Uint16Array.from(ids),
    labels: new Uint16Array(ids.length),
    lengths,
    bytes: 0,
  });
  assert.throws(
    () => writer.appendDocuments('train', many([1, 2], [2])),
    /ends with token id 2, not with the separator/,
  );
  assert.throws(
    () => writer.appendDocuments('train', many([1, 50256, 50256], [3])),
    /50256 cannot be inside a document/,
  );
  assert.throws(
    () => writer.appendDocuments('train', many([1, 50256, 50256], [2])),
    /documents with 2 tokens, but 3 ids/,
  );
  assert.throws(() => writer.appendDocuments('train', many([1, 50256], [2, 0])), /without tokens/);
  const asText = openTokensWriter(tempDir(t), { ...about, ending: 'sevenTokens' });
  asText.appendDocuments('train', many([1, 2, 3], [2, 1]));
  assert.throws(() => asText.appendDocuments('train', many([1, 50256], [2])), /50256 cannot be inside a document/);
});

test('tokens without an index cannot be read', (t) => {
  const dir = tempDir(t);
  const writer = openTokensWriter(dir, about, 2);
  writer.append('train', [1, 2, 3], 3);
  writer.abandon();
  assert.throws(() => openTokens(dir), /cannot read .*index\.json, the index of the tokens/);
});

test('names a damaged shard', (t) => {
  const damage: [what: string, spoil: (path: string) => void, error: RegExp][] = [
    ['cut', (path) => truncateSync(path, 1030), /train-000001\.bin is damaged: it has 1030 bytes, but needs 1032/],
    ['longer', (path) => writeFileSync(path, 'xx', { flag: 'a' }), /train-000001\.bin is damaged: it has 1034 bytes/],
    ['gone', (path) => rmSync(path), /train-000001\.bin/],
    ['other magic', (path) => patch(path, 0, 5), /train-000001\.bin is not a token shard of ids: it starts with 5/],
    ['other version', (path) => patch(path, 4, 2), /train-000001\.bin is a token shard of version 2/],
    ['other count', (path) => patch(path, 8, 3), /train-000001\.bin is damaged: its header has 3 tokens, the index 4/],
  ];
  for (const [what, spoil, error] of damage) {
    const dir = written(t);
    spoil(join(dir, 'train-000001.bin'));
    assert.throws(() => openTokens(dir), error, what);
  }
});

test('a flipped token passes the header checks, but not verification', (t) => {
  const dir = written(t);
  patch(join(dir, 'train-000001.bin'), 1024, 1);
  openTokens(dir).close();
  assert.throws(() => verifyTokens(dir), /train-000001\.bin is damaged: its sha256/);
  const other = written(t);
  patch(join(other, 'train-000002.labels'), 1024, 1);
  assert.throws(() => verifyTokens(other), /train-000002\.labels is damaged: its sha256/);
});

test('refuses an inconsistent index', (t) => {
  const dir = written(t);
  const path = join(dir, 'index.json');
  const index = readFileSync(path, 'utf8');
  for (const [from, to, error] of [
    ['chat-runner/tokens/3', 'chat-runner/tokens/1', /not an index of tokens: \/format/],
    ['"tokens": 10', '"tokens": 11', /train: its shards have 10 tokens, not 11/],
    ['"starts": [0,5]', '"starts": [0,5,6]', /3 starts for 2 documents/],
    ['"starts": [0,5]', '"starts": [5,0]', /document 0 starts out of order/],
    ['"starts": [0,5]', '"starts": [0,10]', /starts after the end/],
    ['"separator": 50256,', '', /not an index of tokens: \/separator/],
  ] as const) {
    assert.ok(index.includes(from), from);
    writeFileSync(path, index.replace(from, to));
    assert.throws(() => openTokens(dir), error);
  }
});

function made(dir: string): string {
  mkdirSync(dir);
  return dir;
}

function patch(path: string, position: number, value: number): void {
  const bytes = readFileSync(path);
  bytes.writeInt32LE(value, position);
  writeFileSync(path, bytes);
}
