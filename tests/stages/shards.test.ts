import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { exportedBytes, exportedFiles } from '../../src/artifacts/tokens/export.ts';
import type { ExportLayout } from '../../src/artifacts/tokens/export-layout.ts';
import { openTokens, openTokensWriter, verifyTokens } from '../../src/artifacts/tokens/tokens.ts';
import { SPLIT_NAMES, type SplitName } from '../../src/artifacts/tokens/index.ts';
import { gpt2 } from '../../src/tokenizer/gpt2/identity.ts';
import { StageInputError, StageStopped } from '../../src/pipeline/stage-kind.ts';
import { contract as shards } from '../../stages/shards/contract.ts';
import { splitOf } from '../../stages/shards/shard-files.ts';
import { contract as train } from '../../stages/train/contract.ts';
import { tempDir } from '../artifacts/on-disk.ts';
import { textsOf } from './run-data-stage.ts';
import { gpt2Encoding, metricsOf, runStage, smallTalk } from './model-kit.ts';

const END = 50256;
type Documents = number[][];

// --- files of both projects, as np.array(ids, dtype=np.uint16).tofile and llm.c's write_datafile are documented to write them

function bareIds(ids: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(ids.length * 2));
  ids.forEach((id, i) => view.setUint16(i * 2, id, true));
  return new Uint8Array(view.buffer);
}

function llmcFile(ids: number[], { magic = 20240520, version = 1, count = ids.length } = {}): Uint8Array {
  const view = new DataView(new ArrayBuffer(256 * 4 + ids.length * 2));
  [magic, version, count].forEach((value, i) => view.setInt32(i * 4, value, true));
  ids.forEach((id, i) => view.setUint16(1024 + i * 2, id, true));
  return new Uint8Array(view.buffer);
}

// -----------------------------------------------------------------------------------------------------------

let made = 0;

/** Writes these files to a folder and runs the stage on it as the runner would. */
async function imported(dir: string, files: Record<string, Uint8Array>, params: object = {}, signal?: AbortSignal) {
  const source = join(dir, `source-${++made}`);
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(source, name)), { recursive: true });
    writeFileSync(join(source, name), bytes);
  }
  return importedFrom(dir, source, params, signal);
}

async function importedFrom(dir: string, source: string, params: object = {}, signal?: AbortSignal) {
  return runStage(shards, {
    dir: mkdtempSync(join(dir, 'stage-')),
    inputs: {},
    sources: { source },
    params: { source: 'mine', ...params },
    ...(signal ? { signal } : {}),
  });
}

/** The documents of each split, without the separators that end them. */
function documentsIn(dir: string): Record<SplitName, Documents> {
  const reader = openTokens(dir);
  const read = (name: SplitName): Documents => {
    const split = reader.split(name);
    return Array.from(split.starts, (start, i) => {
      const ids = [...split.read(start, (split.starts[i + 1] ?? split.tokens) - start)];
      assert.equal(ids.indexOf(END), ids.length - 1);
      return ids.slice(0, -1);
    });
  };
  const all = { train: read('train'), validation: read('validation'), test: read('test') };
  reader.close();
  return all;
}

const withSeparatorAfter = (documents: Documents): number[] => documents.flatMap((ids) => [...ids, END]);
const withSeparatorBefore = (documents: Documents): number[] => documents.flatMap((ids) => [END, ...ids]);

/** Documents of a few ids, sometimes none, including the first and last ids of the vocabulary. */
const someDocuments = fc.array(
  fc.array(fc.oneof(fc.integer({ min: 1, max: 50255 }), fc.constantFrom(1, 198, 50255)), { maxLength: 12 }),
  { minLength: 1, maxLength: 12 },
);

/** Cuts ids into files at the given positions; each file has at least one id. */
function cutInto(ids: number[], cuts: number[]): number[][] {
  const bounds = [...new Set([0, ...cuts.map((cut) => cut % ids.length), ids.length])].sort((a, b) => a - b);
  return bounds.slice(1).map((end, i) => ids.slice(bounds[i], end));
}

const numbered = (
  name: string,
  parts: number[][],
  first: number,
  write: (ids: number[]) => Uint8Array,
): Record<string, Uint8Array> =>
  Object.fromEntries(parts.map((ids, i) => [`${name}_${String(first + i).padStart(6, '0')}.bin`, write(ids)]));

test("nanoGPT's files: train.bin and val.bin as numpy writes them, with the separator after each document", async (t) => {
  const { outDir, events } = await imported(tempDir(t), {
    'train.bin': bareIds([15496, 995, 198, END, END, 40, END]),
    'val.bin': bareIds([1026, 12, END]),
    'input.txt': bareIds([1]),
  });
  assert.deepEqual(documentsIn(outDir), { train: [[15496, 995, 198], [], [40]], validation: [[1026, 12]], test: [] });
  const { index } = openTokens(outDir);
  assert.equal(index.splits.train.bytes, 'Hello world\nI'.length, 'separators do not count as text');
  assert.deepEqual([index.tokenizer.vocabulary, index.ending, index.speakers], [gpt2.vocabulary, 'separator', []]);
  const reader = openTokens(outDir);
  assert.deepEqual(
    [...reader.split('train').labels(0, 7)],
    [2, 2, 2, 3, 3, 2, 3].map((tokenClass) => tokenClass << 14),
    'all text is from nobody',
  );
  verifyTokens(outDir);
  assert.deepEqual(textsOf(events, 'note'), [
    "in nanoGPT's layout: train.bin for train, val.bin for validation",
    'each document ends with its separator',
    '7 tokens in 3 documents for train, 3 tokens in 1 document for validation; 1.60 bytes per token',
    'leak check: no held-out document is in train',
  ]);
  assert.deepEqual(textsOf(events, 'warning'), []);
});

test("llm.c's files: separators before the documents, a document across two files, held-out text in shard 0", async (t) => {
  const files = {
    'x_val_000000.bin': llmcFile([END, 5, 6, END, 7]),
    'x_train_000001.bin': llmcFile([8, END, 9, 10]),
    'x_train_000002.bin': llmcFile([11, END, 12]),
  };
  const { outDir, events } = await imported(tempDir(t), files);
  assert.deepEqual(documentsIn(outDir), { train: [[8], [9, 10, 11], [12]], validation: [[5, 6], [7]], test: [] });
  assert.equal(textsOf(events, 'note')[0], "in llm.c's layout: 2 files for train, x_val_000000.bin for validation");
  assert.match(
    textsOf(events, 'note')[1]!,
    /^validation: separators came before the documents .*; train: the last document had no separator, so one was added$/,
  );
});

test('the name of a file decides its split', () => {
  const names = {
    'train.bin': 'train',
    'val.bin': 'validation',
    'test.bin': 'test',
    'tiny_shakespeare_val.bin': 'validation',
    'fineweb_train_000012.bin': 'train',
    'fineweb_val_000000.bin': 'validation',
    'validation-000003.bin': 'validation',
    'x.bin': 'train',
    'interval.bin': 'train',
    'values_1.bin': 'train',
    'chat_test_000000.bin': 'test',
  };
  for (const [name, split] of Object.entries(names)) assert.equal(splitOf(name), split, name);
});

test('reads the same documents however they are cut into files, with separators after or before them', async (t) => {
  const dir = tempDir(t);
  const cuts = fc.array(fc.nat(200), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      someDocuments,
      someDocuments,
      cuts,
      fc.boolean(),
      fc.boolean(),
      async (trained, held, cuts, headed, ended) => {
        const write = headed ? llmcFile : bareIds;
        const files = (ids: number[], name: string) => numbered(name, cutInto(ids, cuts), 0, write);
        const expected = { train: trained, validation: held, test: [] };
        const separatorsAfter = await imported(dir, {
          ...files(withSeparatorAfter(trained), 'a_train'),
          ...files(withSeparatorAfter(held), 'a_val'),
        });
        assert.deepEqual(documentsIn(separatorsAfter.outDir), expected);
        // With separators before the documents, the last document must not be empty: a stream that ends with a
        // separator is read as if all separators came after.
        const tails = ended ? expected : { ...expected, train: [...trained, [7]], validation: [...held, [8]] };
        if ([tails.train, tails.validation].some((documents) => documents.at(-1)!.length === 0)) return;
        const separatorsBefore = await imported(dir, {
          ...files(withSeparatorBefore(tails.train), 'a_train'),
          ...files(withSeparatorBefore(tails.validation), 'a_val'),
        });
        assert.deepEqual(documentsIn(separatorsBefore.outDir), tails);
      },
    ),
    { numRuns: 50 },
  );
});

test('tokens exported for either trainer and imported again have the same ids, splits and documents', async (t) => {
  const dir = tempDir(t);
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.constantFrom<SplitName>('train', 'train', 'validation', 'test'),
          fc.array(fc.integer({ min: 1, max: 50255 }), { maxLength: 9 }),
        ),
        { maxLength: 14 },
      ),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom<ExportLayout>('nanogpt', 'llmc'),
      async (documents, shardTokens, layout) => {
        const all: typeof documents = [...documents, ['train', [1, 2]], ['validation', [3]]];
        const ours = mkdtempSync(join(dir, 'ours-'));
        const writer = openTokensWriter(
          ours,
          {
            tokenizer: { name: 'gpt2', vocabulary: gpt2.vocabulary },
            vocabularySize: 50257,
            separator: END,
            ending: 'separator',
            template: '{text}',
          },
          shardTokens,
        );
        for (const [split, ids] of all) writer.append(split, ids, 0);
        const index = writer.close();
        const out = mkdtempSync(join(dir, 'out-'));
        for (const file of exportedFiles(index, layout, 'mine'))
          writeFileSync(
            join(out, file.file),
            Buffer.concat(Array.from(exportedBytes(ours, file), (bytes) => Buffer.from(bytes))),
          );
        for (const split of SPLIT_NAMES) {
          const stream = withSeparatorAfter(all.filter(([name]) => name === split).map(([, ids]) => ids));
          const word = { train: 'train', validation: 'val', test: 'test' }[split];
          const names = readdirSync(out)
            .filter((name) => name.includes(word))
            .sort();
          const parts =
            layout === 'nanogpt'
              ? [stream]
              : Array.from({ length: Math.ceil(stream.length / shardTokens) }, (_, i) =>
                  stream.slice(i * shardTokens, (i + 1) * shardTokens),
                );
          const expected =
            stream.length === 0
              ? []
              : parts.map((ids, i) =>
                  layout === 'nanogpt'
                    ? ([`${word}.bin`, bareIds(ids)] as const)
                    : ([
                        `mine_${word}_${String(i + (split === 'train' ? 1 : 0)).padStart(6, '0')}.bin`,
                        llmcFile(ids),
                      ] as const),
                );
          assert.deepEqual(
            names.map((name) => [name, new Uint8Array(readFileSync(join(out, name)))]),
            expected,
          );
        }
        const { outDir } = await importedFrom(dir, out);
        const again = documentsIn(outDir);
        for (const split of SPLIT_NAMES)
          assert.deepEqual(
            again[split],
            all.filter(([name]) => name === split).map(([, ids]) => ids),
          );
        for (const folder of [ours, out]) rmSync(folder, { recursive: true });
      },
    ),
    { numRuns: 40 },
  );
});

test('without a validation file, a hash of their ids selects the documents to hold out, whatever their order and files', async (t) => {
  const dir = tempDir(t);
  const positionOf = (ids: number[]): number =>
    parseInt(createHash('sha256').update('1337\n').update(bareIds(ids)).digest('hex').slice(0, 12), 16) / 2 ** 48;
  const documents = Array.from({ length: 400 }, (_, i) => [1 + (i % 300), 7, i % 300]).sort(
    (a, b) => positionOf(a) - positionOf(b),
  );
  const whole = documentsIn(
    (await imported(dir, { 'a.bin': bareIds(withSeparatorAfter(documents)) }, { validation: 0.2 })).outDir,
  );
  assert.equal(whole.train.length + whole.validation.length, 400);
  assert.ok(whole.validation.length > 50 && whole.validation.length < 110, String(whole.validation.length));
  assert.deepEqual(
    whole.validation,
    documents.filter((ids) => positionOf(ids) < 0.2),
    'as documented in src/artifacts/README.md',
  );
  const distinct = (all: Documents): Set<string> => new Set(all.map((ids) => ids.join()));
  assert.deepEqual(
    [...distinct(whole.train)].filter((document) => distinct(whole.validation).has(document)),
    [],
    'identical documents are in the same split',
  );
  const reversed = documentsIn(
    (
      await imported(
        dir,
        numbered('b', cutInto(withSeparatorAfter([...documents].reverse()), [100, 333, 700]), 1, llmcFile),
        {
          validation: 0.2,
        },
      )
    ).outDir,
  );
  assert.deepEqual(distinct(reversed.validation), distinct(whole.validation));
  const otherSeed = documentsIn(
    (await imported(dir, { 'a.bin': bareIds(withSeparatorAfter(documents)) }, { validation: 0.2, seed: 2 })).outDir,
  );
  assert.notDeepEqual(distinct(otherSeed.validation), distinct(whole.validation));
  const none = documentsIn(
    (await imported(dir, { 'a.bin': bareIds(withSeparatorAfter(documents)) }, { validation: 0 })).outDir,
  );
  assert.deepEqual([none.train.length, none.validation.length], [400, 0]);
});

test('holds out one of two different documents, and the end of a single document', async (t) => {
  const dir = tempDir(t);
  const two = documentsIn(
    (await imported(dir, { 'a.bin': bareIds(withSeparatorAfter([[1, 2], [], [3, 4]])) }, { validation: 0.001 })).outDir,
  );
  assert.equal(two.validation.length, 1);
  assert.deepEqual(two.train.map(({ length }) => length).sort(), [0, 2], 'empty documents stay in train');
  const text = Array.from({ length: 99 }, (_, i) => i + 1);
  const { outDir, events } = await imported(dir, { 'a.bin': bareIds(text) }, { validation: 0.1 });
  assert.deepEqual(documentsIn(outDir), { train: [text.slice(0, 90)], validation: [text.slice(90)], test: [] });
  assert.match(
    textsOf(events, 'note').join('\n'),
    /the last document had no separator[^]*held out the end of the text/,
  );
  const tiny = await imported(dir, { 'a.bin': bareIds([5]) });
  assert.deepEqual(documentsIn(tiny.outDir).train, [[5]]);
  assert.deepEqual(textsOf(tiny.events, 'warning'), ['nothing is held out: the text is too short']);
});

test('a single file is for training whatever its name; documents do not continue across differently named files', async (t) => {
  const dir = tempDir(t);
  writeFileSync(join(dir, 'val.bin'), bareIds(withSeparatorAfter([[1], [2], [3]])));
  assert.equal(documentsIn((await importedFrom(dir, join(dir, 'val.bin'), { validation: 0 })).outDir).train.length, 3);
  const { outDir } = await imported(dir, {
    'a.bin': bareIds([1, 2]),
    'b.bin': llmcFile([3, END]),
    'val.bin': bareIds([9]),
  });
  assert.deepEqual(documentsIn(outDir), { train: [[1, 2], [3]], validation: [[9]], test: [] });
});

test('every error names the file, the byte offset and what to do', async (t) => {
  const dir = tempDir(t);
  const failure = async (files: Record<string, Uint8Array>, params: object = {}): Promise<string> => {
    try {
      await imported(dir, files, params);
    } catch (error) {
      assert.ok(error instanceof StageInputError, String(error));
      return `${error.message} | ${error.hint ?? ''}`;
    }
    return 'none';
  };
  const ids = Array.from({ length: 100 }, (_, i) => i + 1);
  const wide = new Uint8Array(BigInt64Array.from(ids, (id) => BigInt(id)).buffer);
  const cut = llmcFile(ids).subarray(0, 1100);
  const cases: [files: Record<string, Uint8Array>, params: object, expected: RegExp][] = [
    [
      { 'train.bin': bareIds(ids).subarray(0, 151) },
      {},
      /^mine\/train\.bin has an odd number of bytes, 151: the last one, byte 150, is half of a 16-bit id \| copy it again/,
    ],
    [
      { 'train.bin': bareIds([1, 2, 50257, 3]) },
      {},
      /^mine\/train\.bin: id 50257 at byte 4 is not one of GPT-2's \| ids must be GPT-2's \(0 to 50256\)/,
    ],
    [{ 'train.bin': llmcFile([1, 2, 65535]) }, {}, /^mine\/train\.bin: id 65535 at byte 1028 /],
    [{ 'train.bin': bareIds(ids), 'val.bin': bareIds([1, 50257]) }, {}, /^mine\/val\.bin: id 50257 at byte 2 /],
    [
      { 'train.bin': llmcFile(ids, { magic: 20240521 }) },
      { layout: 'llmc' },
      /^mine\/train\.bin begins with 20240521 at byte 0, not with llm\.c's 20240520 \| set `layout: nanogpt` for bare ids/,
    ],
    [
      { 'train.bin': bareIds([1]) },
      { layout: 'llmc' },
      /begins with less than four bytes at byte 0, not with llm\.c's/,
    ],
    [
      { 'train.bin': llmcFile(ids) },
      { layout: 'nanogpt' },
      /^mine\/train\.bin begins with llm\.c's header \(20240520 at byte 0\), not with an id \| set `layout: llmc`/,
    ],
    [{ 'train.bin': llmcFile(ids, { version: 2 }) }, {}, /has version 2 \(at byte 4\)/],
    [
      { 'train.bin': llmcFile(ids, { magic: 20240801, version: 7 }) },
      {},
      /contains Llama 3's 32-bit ids: it begins with 20240801 \| .*--model_desc gpt-2/,
    ],
    [{ 'train.bin': llmcFile(ids, { magic: 20240522 }) }, {}, /contains multiple-choice questions/],
    [
      { 'train.bin': cut },
      {},
      /^mine\/train\.bin is cut off: it has 1100 bytes, but should have 1224 for the 100 tokens in its header \(at byte 8\) \| copy it again/,
    ],
    [{ 'train.bin': llmcFile(ids).subarray(0, 500) }, {}, /ends at byte 500, inside llm\.c's header of 1024 bytes/],
    [
      { 'train.bin': llmcFile(ids, { count: 99 }) },
      {},
      /is too long: it has 1224 bytes, but should have 1222 for the 99 tokens in its header \(at byte 8\)/,
    ],
    [{ 'train.bin': llmcFile([], { count: 0 }) }, {}, /^the header of mine\/train\.bin claims 0 tokens \(at byte 8\)/],
    [{ 'train.bin': llmcFile(ids, { count: -1 }) }, {}, /claims -1 tokens/],
    [{ 'train.bin': new Uint8Array(0) }, {}, /^mine\/train\.bin is empty \| /],
    [
      { 'train.bin': wide },
      {},
      /^mine\/train\.bin: every second id, from byte 2 on, is 0, so these are 32-bit or 64-bit numbers/,
    ],
    [{ 'train.txt': bareIds(ids) }, {}, /^there is no \.bin file in .*source-\d+ \| /],
    [
      { 'train.bin': bareIds(ids), 'meta.pkl': bareIds([1]) },
      {},
      /^there is a meta\.pkl next to the ids: they are not GPT-2's tokens/,
    ],
    [{ 'val.bin': bareIds(ids), 'a_test_000000.bin': bareIds(ids) }, {}, /^mine has no training data/],
  ];
  for (const [files, params, expected] of cases) assert.match(await failure(files, params), expected);

  const linked = join(dir, 'linked');
  mkdirSync(join(linked, 'folder.bin'), { recursive: true });
  writeFileSync(join(linked, 'train.bin'), bareIds(ids));
  await importedFrom(dir, linked);
  symlinkSync('nowhere', join(linked, 'train_2.bin'));
  await assert.rejects(importedFrom(dir, linked), /^StageInputError: mine\/train_2\.bin cannot be read: ENOENT/);
});

test('publishes nothing from a source with an error, and stops on request', async (t) => {
  const dir = tempDir(t);
  const long = Array.from({ length: 600_000 }, (_, i) => 1 + (i % 50_000));
  await assert.rejects(
    imported(dir, { 'train.bin': bareIds([...long, 60_000]), 'val.bin': bareIds([1]) }),
    /id 60000 at byte 1200000 /,
  );
  for (const stage of readdirSync(dir).filter((name) => name.startsWith('stage-')))
    assert.ok(!readdirSync(join(dir, stage, 'out')).includes('index.json'));
  const stopping = new AbortController();
  stopping.abort();
  await assert.rejects(imported(dir, { 'train.bin': bareIds(long) }, {}, stopping.signal), StageStopped);
});

test('reads a document that is longer than a chunk, and chunks that end with a separator', async (t) => {
  const chunk = 1 << 19;
  const first = Array.from({ length: chunk - 1 }, (_, i) => 1 + (i % 50_000));
  const second = Array.from({ length: chunk + 3 }, (_, i) => 2 + (i % 40_000));
  for (const params of [{ validation: 0 }, { validation: 0.5, leaks: 'allow' }]) {
    const { outDir } = await imported(tempDir(t), { 'a.bin': bareIds(withSeparatorAfter([first, second])) }, params);
    const { train, validation } = documentsIn(outDir);
    const found = [...train, ...validation].sort((a, b) => a.length - b.length);
    assert.equal(found.length, 2);
    assert.ok(
      Buffer.from(bareIds(found[0]!)).equals(bareIds(first)) && Buffer.from(bareIds(found[1]!)).equals(bareIds(second)),
    );
    verifyTokens(outDir);
  }
});

test('a model trains on imported shards', async (t) => {
  const { encode } = gpt2Encoding();
  const { outDir } = await imported(tempDir(t), {
    'train.bin': bareIds([...encode(smallTalk(6)), END]),
    'val.bin': bareIds([...encode(smallTalk(2, 3)), END]),
  });
  const params = {
    model: { layers: 1, heads: 2, width: 8, context: 8 },
    schedule: { kind: 'cosine', peak: 0.01, floor: 0.001, warmupSteps: 1 },
    steps: 2,
    batchSize: 1,
    validateEvery: 2,
    validationBatches: 1,
    engine: 'tfjs',
  };
  const { events } = await runStage(train, {
    dir: tempDir(t),
    inputs: { mine: outDir },
    params,
    runtime: { logEvery: 1 },
  });
  assert.deepEqual(
    metricsOf(events, 'train/loss').map(([step]) => step),
    [1, 2],
  );
  assert.ok(metricsOf(events, 'eval/loss').every(([, loss]) => Number.isFinite(loss)));
});

test('stops where a document of the validation file is in the training file, or too many of its lines', async (t) => {
  const { encode } = gpt2Encoding();
  const dir = tempDir(t);
  const document = (i: number): number[] => [
    ...encode(Array.from({ length: 4 }, (_, line) => `line ${line} of document ${i}, unlike any other`).join('\n')),
    END,
  ];
  const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
  const files = (train: number[][], val: number[][]) => ({
    'train.bin': bareIds(train.flat()),
    'val.bin': bareIds(val.flat()),
  });
  const train = range(0, 60).map(document);
  const { events } = await imported(dir, files(train, range(60, 90).map(document)));
  assert.ok(
    textsOf(events, 'note').includes(
      'leak check: no held-out document is in train; 0.0 % of the long held-out lines also occur in train',
    ),
  );
  const leaking = files(train, [...range(60, 110).map(document), document(7)]);
  await assert.rejects(
    imported(dir, leaking),
    (error: StageInputError) =>
      error instanceof StageInputError &&
      error.message.startsWith('1 of 51 held-out documents also occur in the training split'),
  );
  const allowed = await imported(dir, leaking, { leaks: 'allow' });
  assert.match(textsOf(allowed.events, 'warning')[0]!, /^leak check: 1 of 51 held-out documents/);
  const alike = [...encode('line 1 of document 7, unlike any other\nshort'), END];
  await assert.rejects(
    imported(dir, files(train, [...range(60, 70).map(document), alike, alike, alike, alike, alike])),
    /5 of 45 held-out lines of 25 characters and more \(11\.1 %\)/,
  );
});
