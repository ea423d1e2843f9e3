/**
 * `npm run bench data -- tokenize`: tokenizes conversations from #ubuntu logs. Alternates between the whole stage, on
 * all cores and with cached parts as in the runner, and our encoder and tiktoken, on one thread each and with the same
 * rendered texts.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { readConversations } from '../../src/artifacts/conversations.ts';
import { projectRoot } from '../../src/files/project-root.ts';
import { readTokensIndex } from '../../src/artifacts/tokens/index.ts';
import { readVocabulary, vocabularyPaths } from '../../src/tokenizer/gpt2/vocabulary-files.ts';
import { byteLevelTokenizer } from '../../src/tokenizer/byte-level.ts';
import { SEED_TEMPLATE, parseTemplate } from '../../src/artifacts/tokens/line-template.ts';
import { contract as ingest } from '../../stages/ingest/contract.ts';
import { contract as tokenize } from '../../stages/tokenize/contract.ts';
import { writeKaggleCsv } from './data-kaggle-csv.ts';
import { median } from './median.ts';
import { tiktokenPython, tiktokenVersion } from './tiktoken-python.ts';

const ROUNDS = 3;
/** Size of the rendered texts for the two encoders. */
const TEXTS_BYTES = 50e6;

interface Encoded {
  seconds: number;
  bytes: number;
  tokens: number;
}

export async function benchTokenize(megabytes: number, logs: string): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'chat-runner-bench-'));
  try {
    const csv = join(dir, 'dialogueText.csv');
    writeKaggleCsv(csv, megabytes * 1e6, logs);
    const conversations = join(dir, 'conversations');
    mkdirSync(conversations);
    await runStage(ingest, {
      params: { source: csv, format: 'ubuntu' },
      sources: { source: csv },
      inputs: {},
      outDir: conversations,
    });
    rmSync(csv);
    const texts = join(dir, 'texts.jsonl');
    await writeTexts(conversations, texts);
    const python = tiktokenPython();
    const { vocabPath, mergesPath } = vocabularyPaths();
    const cores = availableParallelism();
    const ratios: { encoder: number; stage: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const stage = inProcess('stage', conversations, dir);
      const ours = inProcess('encoder', texts, dir);
      const theirs = JSON.parse(
        execFileSync(python, [join(projectRoot(), 'tests/bench/tiktoken-encode.py'), vocabPath, mergesPath, texts], {
          encoding: 'utf8',
        }),
      ) as Encoded;
      if (ours.tokens !== theirs.tokens)
        throw new Error(`our encoder gives ${ours.tokens} tokens, tiktoken ${theirs.tokens}`);
      ratios.push({ encoder: rate(ours) / rate(theirs), stage: rate(stage) / rate(theirs) });
      console.log(
        `the stage on ${cores} cores: ${(stage.bytes / 1e6).toFixed(0)} MB of text, ${stage.tokens.toLocaleString('en')} tokens in ${stage.seconds.toFixed(1)} s: ${rate(stage).toFixed(1)} MB/s, ${ratios.at(-1)!.stage.toFixed(2)} x; peak ${(stage.peakBytes / 1e6).toFixed(0)} MB`,
      );
      console.log(
        `one thread: our encoder ${rate(ours).toFixed(1)} MB/s, tiktoken ${tiktokenVersion} ${rate(theirs).toFixed(1)} MB/s: ${ratios.at(-1)!.encoder.toFixed(2)} x`,
      );
    }
    const stageRatio = median(ratios.map(({ stage }) => stage));
    console.log(
      `median ratios to tiktoken on one thread: our encoder ${median(ratios.map(({ encoder }) => encoder)).toFixed(2)}; the stage ${stageRatio.toFixed(2)}, which is ${(stageRatio / cores).toFixed(2)} per core`,
    );
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Runs in a separate process: `data.js --measure tokenize-stage|tokenize-encoder --file PATH --out DIR`. */
export async function measureTokenize(
  what: 'stage' | 'encoder',
  path: string,
  outDir: string,
): Promise<Encoded & { peakBytes: number }> {
  const encoded = what === 'stage' ? await runTokenize(path, join(outDir, 'tokens')) : encodeTexts(path);
  return { ...encoded, peakBytes: process.resourceUsage().maxRSS * 1024 };
}

function inProcess(what: 'stage' | 'encoder', path: string, outDir: string): Encoded & { peakBytes: number } {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [process.argv[1]!, '--measure', `tokenize-${what}`, '--file', path, '--out', outDir],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Encoded & { peakBytes: number };
}

/** MB/s */
const rate = ({ bytes, seconds }: Encoded): number => bytes / 1e6 / seconds;

async function runTokenize(conversations: string, outDir: string): Promise<Encoded> {
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir);
  const start = performance.now();
  const partsDir = `${outDir}-parts`;
  await runStage(tokenize, { params: {}, inputs: { conversations }, sources: {}, outDir, partsDir });
  const seconds = (performance.now() - start) / 1000;
  const { splits } = readTokensIndex(outDir);
  for (const dir of [outDir, partsDir]) rmSync(dir, { recursive: true, force: true });
  return {
    seconds,
    bytes: splits.train.bytes + splits.validation.bytes,
    tokens: splits.train.tokens + splits.validation.tokens,
  };
}

function encodeTexts(path: string): Encoded {
  const { vocabJson, mergesText } = readVocabulary();
  const encoding = byteLevelTokenizer(vocabJson, mergesText);
  const texts = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as string);
  const utf8 = new TextEncoder();
  const ids = new Uint16Array(Math.max(...texts.map((text) => text.length * 3)));
  let [bytes, tokens] = [0, 0];
  const start = performance.now();
  for (const text of texts) {
    const encoded = utf8.encode(text);
    bytes += encoded.length;
    tokens += encoding.encodeUtf8(encoded, 0, encoded.length, ids, 0);
  }
  return { seconds: (performance.now() - start) / 1000, bytes, tokens };
}

async function writeTexts(conversations: string, path: string): Promise<void> {
  const template = parseTemplate(SEED_TEMPLATE);
  const file = openSync(path, 'w');
  let written = 0;
  for await (const { messages } of readConversations(conversations)) {
    if (written >= TEXTS_BYTES) break;
    written += writeSync(
      file,
      `${JSON.stringify(messages.map((message) => `${template.render(message)}\n`).join(''))}\n`,
    );
  }
  closeSync(file);
}

interface Given {
  params: object;
  inputs: Record<string, string>;
  sources: Record<string, string>;
  outDir: string;
  partsDir?: string;
}

async function runStage(
  stage: typeof ingest | typeof tokenize,
  { params, inputs, sources, outDir, partsDir }: Given,
): Promise<void> {
  const context = {
    params: Value.Parse(stage.params, params),
    runtime: {},
    inputs,
    sources,
    outDir,
    scratchDir: outDir,
    ...(partsDir === undefined ? {} : { partsDir }),
    emit: () => {},
    signal: new AbortController().signal,
  };
  await (stage.run as (given: typeof context) => Promise<void>)(context);
}
