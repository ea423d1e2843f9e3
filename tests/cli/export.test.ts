import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openTokensWriter } from '../../src/artifacts/tokens/tokens.ts';
import type { TokensAbout } from '../../src/artifacts/tokens/tokens.ts';
import { makeRun } from '../kit/run-folder.ts';
import { runRunner } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';

const RUN = '20260102-120000-p-aaaa';
const NAME = 'p-aaaa';

function writeTokens(dir: string, more: Partial<TokensAbout> = {}): void {
  mkdirSync(dir, { recursive: true });
  const writer = openTokensWriter(
    dir,
    {
      tokenizer: { name: 'gpt2', vocabulary: 'abc' },
      vocabularySize: 50257,
      separator: 50256,
      ending: 'separator',
      template: '{text}',
      ...more,
    },
    4,
  );
  writer.append('train', [1, 2, 300], 3);
  writer.append('train', [50255, 4], 2);
  writer.append('validation', [7], 1);
  writer.append('test', [9, 9], 2);
  writer.close();
}

/** A run with a stage of conversations, one of tokens, more of them if given, and one that failed. */
function ran(context: TestContext, moreTokens: string[] = []) {
  const dir = temporaryDir(context);
  const runs = join(dir, 'runs');
  const stages = ['tokens', ...moreTokens];
  const results = [
    { name: 'chat', kind: 'ingest' },
    ...stages.map((name) => ({ name, kind: 'tokenize' })),
    { name: 'model', kind: 'train', outcome: 'failed' as const, artifact: null },
  ];
  const run = makeRun(runs, { run: RUN, results });
  mkdirSync(join(run, 'stages', 'chat'));
  writeFileSync(join(run, 'stages', 'chat', 'conversations.jsonl'), '');
  for (const stage of stages) writeTokens(join(run, 'stages', stage));
  const out = join(dir, 'out', 'my chat');
  const see = async (...args: string[]): Promise<{ code: number | null; output: string; stdout: string }> => {
    const { code, stdout, stderr } = await runRunner(['export', ...args], runs);
    return { code, stdout, output: (stdout + stderr).replaceAll(dir, 'DIR') };
  };
  return { dir, tokens: join(run, 'stages', 'tokens'), out, see };
}

const bare = (...ids: number[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(ids.length * 2));
  ids.forEach((id, i) => view.setUint16(i * 2, id, true));
  return new Uint8Array(view.buffer);
};
const headed = (...ids: number[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(1024));
  [20240520, 1, ids.length].forEach((value, i) => view.setInt32(i * 4, value, true));
  return new Uint8Array([...new Uint8Array(view.buffer), ...bare(...ids)]);
};
const filesIn = (dir: string): Record<string, Uint8Array> =>
  Object.fromEntries(
    readdirSync(dir)
      .sort()
      .map((name) => [name, new Uint8Array(readFileSync(join(dir, name)))]),
  );

test('nanoGPT gets one file of bare ids per split; a second export writes nothing', async (context) => {
  const { out, see } = ran(context);
  const { code, output } = await see('latest', out, '--as', 'nanogpt');
  assert.equal(
    output,
    `tokens of ${NAME}  2 train documents, 1 validation document, 1 test document

  file       tokens  size
  train.bin       7  14 B
  val.bin         2   4 B
  test.bin        3   6 B
note  val.bin has 2 tokens: nanoGPT needs --block_size of at most 1

files: DIR/out/my chat
next:  in nanoGPT's folder: ln -s 'DIR/out/my chat' data/my_chat && python train.py --dataset=my_chat
`,
  );
  assert.equal(code, 0);
  const wanted = {
    'test.bin': bare(9, 9, 50256),
    'train.bin': bare(1, 2, 300, 50256, 50255, 4, 50256),
    'val.bin': bare(7, 50256),
  };
  assert.deepEqual(filesIn(out), wanted);
  rmSync(join(out, 'val.bin'));
  assert.equal((await see('latest/tokens', `${out}2`, '--as', 'nanogpt')).code, 0);
  const again = JSON.parse((await see('latest', 'tokens', out, '--as', 'nanogpt', '--json')).stdout) as {
    files: { file: string; outcome: string; sha256: string; bytes: number; tokens: number }[];
  } & Record<string, unknown>;
  assert.deepEqual(
    again.files.map(({ file, outcome }) => [file, outcome]),
    [
      ['train.bin', 'same'],
      ['val.bin', 'written'],
      ['test.bin', 'same'],
    ],
  );
  for (const { file, sha256, bytes } of again.files)
    assert.deepEqual(
      [sha256, bytes],
      [
        createHash('sha256')
          .update(readFileSync(join(out, file)))
          .digest('hex'),
        readFileSync(join(out, file)).length,
      ],
    );
  assert.deepEqual(
    [again['run'], again['stage'], again['as'], again['documents']],
    [RUN, 'tokens', 'nanogpt', { train: 2, validation: 1, test: 1 }],
  );
  assert.deepEqual(filesIn(out), wanted);
});

test('llm.c gets its headers and file names, shard by shard; a folder of tokens works, too', async (context) => {
  const { out, tokens, see } = ran(context);
  const { code, output } = await see(tokens, out, '--as=llmc');
  assert.equal(code, 0, output);
  assert.match(
    output,
    /note {2}my_chat_val_000000\.bin has 2 tokens: llm\.c needs batches of at most 1 tokens[^]*next: {2}in llm\.c's folder: \.\/train_gpt2cu -i 'DIR\/out\/my chat\/my_chat_train_\*\.bin' -j 'DIR\/out\/my chat\/my_chat_val_\*\.bin'\n$/,
  );
  assert.deepEqual(filesIn(out), {
    'my_chat_test_000000.bin': headed(9, 9, 50256),
    'my_chat_train_000001.bin': headed(1, 2, 300, 50256),
    'my_chat_train_000002.bin': headed(50255, 4, 50256),
    'my_chat_val_000000.bin': headed(7, 50256),
  });
});

test('nothing is written if a file has different content or would be read as part of the export', async (context) => {
  const { out, see } = ran(context);
  mkdirSync(out, { recursive: true });
  for (const bytes of [bare(1, 2, 300, 50256, 50255, 5, 50256), bare(1)]) {
    writeFileSync(join(out, 'train.bin'), bytes);
    const { code, output } = await see('latest', out, '--as', 'nanogpt');
    assert.deepEqual(
      [code, output],
      [
        2,
        'error DIR/out/my chat/train.bin exists with different content; nothing was written: remove it or choose another folder\n',
      ],
    );
    assert.deepEqual(filesIn(out), { 'train.bin': bytes });
  }
  writeFileSync(join(out, 'my_chat_train_000003.bin'), 'x');
  assert.match(
    (await see('latest', out, '--as', 'llmc')).output,
    /^error DIR\/out\/my chat contains my_chat_train_000003\.bin, which a trainer would read as part of this export; nothing was written/,
  );
  assert.deepEqual(readdirSync(out).sort(), ['my_chat_train_000003.bin', 'train.bin']);
});

test('ambiguous or wrong arguments are refused with suggestions', async (context) => {
  const { dir, tokens, out, see } = ran(context);
  const wrong = async (...args: string[]): Promise<string> => {
    const { code, output, stdout } = await see(...args);
    assert.deepEqual([code, stdout], [2, ''], output);
    return output;
  };
  assert.equal(
    await wrong('latest', 'chat', out, '--as', 'llmc'),
    `error stage "chat" of run ${NAME} made no tokens; stages with tokens: tokens\n`,
  );
  assert.equal(
    await wrong('latest', 'model', out, '--as', 'llmc'),
    `error stage "model" of run ${NAME} has no result; stages with tokens: tokens\n`,
  );
  assert.equal(
    await wrong('latest', 'tokns', out, '--as', 'llmc'),
    `error run ${NAME} has no stage "tokns"; did you mean "tokens"?\n`,
  );
  assert.equal(
    await wrong('latest', 'tokens', '--as', 'llmc'),
    'error DIR is missing, since "tokens" is a stage of that run: ./runner export latest tokens DIR --as llmc (to write to a folder of that name, use ./tokens)\n',
  );
  assert.equal(
    await wrong('latest', out),
    'error for which program? --as gguf, --as huggingface, --as messages, --as sharegpt, --as nanogpt or --as llmc\n',
  );
  assert.equal(
    await wrong('latest', out, '--as', 'nanogtp'),
    'error --as takes gguf, huggingface, messages, sharegpt, nanogpt or llmc, not "nanogtp"; did you mean "nanogpt"?\n',
  );
  assert.match(await wrong('other', out, '--as', 'llmc'), /^error no run "other"/);
  assert.match(
    await wrong('latest', join(tokens, 'out'), '--as', 'llmc'),
    /is inside a stage's result, which must not change/,
  );
  writeFileSync(join(dir, 'file'), '');
  assert.equal(await wrong('latest', join(dir, 'file'), '--as', 'llmc'), 'error DIR/file is a file; choose a folder\n');
  assert.ok(!existsSync(out));
});

test('the stage must be named if several have tokens; a run without tokens is refused', async (context) => {
  const { out, see } = ran(context, ['irc']);
  assert.equal(
    (await see('latest', out, '--as', 'nanogpt')).output,
    `error run ${NAME} has 2 stages with tokens: tokens, irc; name one: ./runner export ${NAME} tokens DIR --as nanogpt\n`,
  );
  assert.equal((await see('latest', 'irc', out, '--as', 'nanogpt')).code, 0);
  const none = temporaryDir(context);
  makeRun(none, { run: RUN, samples: [{ prompt: 'a', text: 'b' }] });
  assert.match(
    (await runRunner(['export', 'latest', out, '--as', 'llmc'], none)).stderr,
    /^error run .* has no tokens; tokenize and shards stages make them\n$/,
  );
});

test('a damaged shard is named, and no partial file remains', async (context) => {
  const { tokens, out, see } = ran(context);
  const shard = join(tokens, 'train-000001.bin');
  const bytes = readFileSync(shard);
  bytes[1025]! ^= 1;
  writeFileSync(shard, bytes);
  const { code, output } = await see('latest', out, '--as', 'nanogpt');
  assert.deepEqual(
    [code, output],
    [
      1,
      `error DIR/runs/${RUN}/stages/tokens/train-000001.bin is damaged: its sha256 does not match the index\n  hint: ./runner verify --repair, then run the pipeline again\n`,
    ],
  );
  assert.deepEqual(readdirSync(out), []);
  truncateSync(shard, 1025);
  assert.match((await see('latest', out, '--as', 'nanogpt')).output, /train-000001\.bin is damaged: it has 1025 bytes/);
});

test('notes warn of missing separators and missing validation text', async (context) => {
  const { dir, see } = ran(context);
  const lines = join(dir, 'lines');
  mkdirSync(lines);
  const writer = openTokensWriter(lines, {
    tokenizer: { name: 'gpt2', vocabulary: 'abc' },
    vocabularySize: 50257,
    separator: 50256,
    ending: 'blankLines',
    template: '{text}',
  });
  writer.appendDocuments('train', {
    ids: new Uint16Array(2000).fill(198),
    labels: new Uint16Array(2000),
    lengths: [2000],
    bytes: 2000,
  });
  writer.close();
  const { notes } = JSON.parse((await see(lines, join(dir, 'o'), '--as', 'nanogpt', '--json')).stdout) as {
    notes: string[];
  };
  assert.deepEqual(notes, [
    'documents end with ordinary tokens instead of 50256, so a reader of the files cannot tell where one ends',
    "there is no validation text, but nanoGPT's train.py needs a validation file",
  ]);
});

test('help has an example; completion offers runs, stages and trainers', async (context) => {
  const { dir } = ran(context);
  const runs = join(dir, 'runs');
  const offered = async (...words: string[]): Promise<string[]> =>
    (await runRunner(['complete', ...words], runs)).stdout.trimEnd().split('\n');
  assert.match(
    (await runRunner(['export', '--help'], runs)).stdout,
    /^runner export RUN \[STAGE\] DIR {2}.*\n[^]*--as nanogpt[^]*--as llmc[^]*example: \.\/runner export latest/,
  );
  assert.match((await runRunner(['help'], runs)).stdout, /\n {2}export RUN \[STAGE\] DIR /);
  assert.deepEqual(await offered('export', 'la'), ['latest']);
  assert.deepEqual(await offered('export', 'latest', 'to'), ['tokens']);
  assert.deepEqual(await offered('export', 'latest', 'tokens', ''), ['']);
  assert.deepEqual(await offered('export', 'latest', 'out', '--as', ''), [
    'gguf',
    'huggingface',
    'llmc',
    'messages',
    'nanogpt',
    'sharegpt',
  ]);
  assert.deepEqual(await offered('export', 'latest', '-'), [
    '--as',
    '--gap',
    '--json',
    '--max-tokens',
    '--me',
    '--seed',
    '--type',
  ]);
});
