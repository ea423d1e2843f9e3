import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { contract as command } from '../../stages/command/contract.ts';
import { contract as evaluate } from '../../stages/evaluate/contract.ts';
import { kinds } from '../../stages/index.ts';
import { contract as sample } from '../../stages/sample/contract.ts';
import { contract as shards } from '../../stages/shards/contract.ts';
import { contract as train } from '../../stages/train/contract.ts';
import { contract as verdict } from '../../stages/verdict/contract.ts';
import { writeBlindTest } from '../../src/artifacts/questions.ts';
import { testOf } from '../judging/kit.ts';
import { digestsOf, runStage, smallTalk, temporaryFolder, writeTokens } from './model-kit.ts';

/**
 * A tiny fixed input and its output, for the kinds that compute (those of `ingest`, `tokenize` and `turing` are in
 * their own tests). Cached results are found by the version. So if a digest changes for the same params, raise the
 * version of the kind, and only then record the new digest. Uses the plain JavaScript engine, whose bits do not depend
 * on the processor.
 */
const folder = temporaryFolder();
after(folder.remove);
const inFolder = (name: string): string => join(folder.dir, name);
const digestOf = (dir: string): string =>
  createHash('sha256')
    .update(JSON.stringify(digestsOf(dir)))
    .digest('hex')
    .slice(0, 16);

const golden: Record<string, { version: number; digest: string }> = {
  train: { version: 1, digest: '9d61010f473c43ba' },
  sample: { version: 3, digest: '2fc2e3cde7b5ba7c' },
  evaluate: { version: 2, digest: '9f38511a0b6d459b' },
  shards: { version: 1, digest: '81f77aa367aca9e9' },
  command: { version: 1, digest: 'e28a64d672026135' },
  verdict: { version: 1, digest: '776fc80258383938' },
};

function check(kind: { kind: string; version: number }, outDir: string): void {
  const found = { version: kind.version, digest: digestOf(outDir) };
  const known = golden[kind.kind]!;
  const what =
    found.version === known.version
      ? `${kind.kind} gives other bytes: raise its version`
      : `${kind.kind}: record the digest of version ${found.version}`;
  assert.deepEqual(found, known, what);
}

test('golden output of train, sample and evaluate', async () => {
  writeTokens(inFolder('tokens'), { train: [smallTalk(4), smallTalk(3, 2)], validation: [smallTalk(2, 3)] });
  const model = { layers: 1, heads: 2, width: 8, context: 8 };
  const params = {
    model,
    schedule: { kind: 'cosine', peak: 0.01, floor: 0.001, warmupSteps: 1 },
    steps: 3,
    batchSize: 1,
    validateEvery: 2,
    validationBatches: 1,
    engine: 'tfjs',
  };
  const trained = await runStage(train, { dir: inFolder('train'), inputs: { chat: inFolder('tokens') }, params });
  check(train, trained.outDir);
  const sampled = await runStage(sample, {
    dir: inFolder('sample'),
    inputs: { checkpoint: trained.outDir },
    params: { prompts: ['Ann:'], maxNewTokens: 4, temperature: 0.9, topK: 5, engine: 'tfjs' },
  });
  check(sample, sampled.outDir);
  const judged = await runStage(evaluate, {
    dir: inFolder('evaluate'),
    inputs: { checkpoint: trained.outDir, 'held-out': inFolder('tokens') },
    params: { engine: 'tfjs' },
  });
  check(evaluate, judged.outDir);
});

test('golden output of command', async () => {
  mkdirSync(inFolder('data'));
  writeFileSync(join(inFolder('data'), 'x.txt'), 'one\ntwo\n');
  const counted = await runStage(command, {
    dir: inFolder('command'),
    inputs: { data: inFolder('data') },
    params: { argv: ['sh', '-c', 'wc -l < "$0/x.txt" | tr -d " " > "$1/lines.txt"', '{in:data}', '{out}'] },
  });
  check(command, counted.outDir);
});

test('golden output of shards', async () => {
  mkdirSync(inFolder('ids'));
  writeFileSync(
    join(inFolder('ids'), 'train.bin'),
    Uint8Array.of(0xa6, 0x3c, 0xe3, 0x03, 0x50, 0xc4, 0x50, 0xc4, 0x28, 0, 0x50, 0xc4, 0x29, 0),
  );
  const read = await runStage(shards, {
    dir: inFolder('shards'),
    inputs: {},
    sources: { source: inFolder('ids') },
    params: { source: 'ids', validation: 0.3 },
  });
  check(shards, read.outDir);
});

test('golden output of verdict', async () => {
  mkdirSync(inFolder('questions'));
  writeBlindTest(inFolder('questions'), testOf({ questions: 12, catch: 2, duels: 2, repeats: 2 }));
  const judged = await runStage(verdict, {
    dir: inFolder('verdict'),
    inputs: { questions: inFolder('questions') },
    params: {},
  });
  check(verdict, judged.outDir);
});

test('every kind has a golden output', () => {
  assert.deepEqual(Object.keys(kinds).sort(), [...Object.keys(golden), 'ingest', 'tokenize', 'turing'].sort());
});
