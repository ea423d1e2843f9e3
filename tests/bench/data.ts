/**
 * `npm run bench data [-- ingest|tokenize|incremental] [--megabytes 1000] [--growth]`: measures speed and memory with
 * large corpora.
 *
 * The text comes from real #ubuntu logs if `../shared` has them, otherwise from similar invented ones.
 *
 * ingest: converts a CSV in the format of Kaggle's Ubuntu corpus to conversations; for comparison, the CSV library
 * alone splits the rows. With --growth it also measures sizes from a quarter to twice the size: time should grow with
 * the size, memory should not. tokenize: see data-tokenize.ts. incremental: see data-incremental.ts. Files are in a
 * temporary folder (under TMPDIR) and are deleted afterwards. Every measurement runs in a separate process.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Value } from '@sinclair/typebox/value';
import { parse } from 'csv-parse';
import { contract as ingest } from '../../stages/ingest/contract.ts';
import { sharedData } from '../artifacts/on-disk.ts';
import { writeKaggleCsv } from './data-kaggle-csv.ts';
import { benchIncremental } from './data-incremental.ts';
import { benchTokenize, measureTokenize } from './data-tokenize.ts';
import { writeInventedLogs } from './made-logs.ts';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    megabytes: { type: 'string', default: '1000' },
    growth: { type: 'boolean', default: false },
    measure: { type: 'string' },
    file: { type: 'string' },
    out: { type: 'string' },
  },
});

interface Measured {
  seconds: number;
  peakBytes: number;
  note: string;
}

/** The functions to measure; each takes the path of a CSV. */
const MEASURED: Record<string, (path: string, outDir: string) => Promise<string>> = {
  ingest: runIngest,
  'csv-parse': splitWithLibrary,
};

if (options.measure) await measure(options.measure);
else for (const name of positionals.length > 0 ? positionals : ['ingest', 'tokenize']) await bench(name);

async function bench(name: string): Promise<void> {
  switch (name) {
    case 'ingest':
      return withLogs((logs) => benchIngest(Number(options.megabytes), logs));
    case 'tokenize':
      return withLogs((logs) => benchTokenize(Number(options.megabytes), logs));
    case 'incremental':
      return withLogs((logs) => benchIncremental(logs));
    default:
      throw new Error(`there is no benchmark ${name}; choose ingest, tokenize or incremental`);
  }
}

/** Uses the real logs if available. Results with invented logs are comparable only with one another. */
async function withLogs(use: (dir: string) => void | Promise<void>): Promise<void> {
  const real = sharedData('ubuntu-irc');
  if (real) return use(real);
  console.log('the real #ubuntu logs are missing (set RUNNER_SHARED_DATA to their folder): using invented logs');
  const dir = mkdtempSync(join(tmpdir(), 'chat-runner-logs-'));
  try {
    writeInventedLogs(dir);
    await use(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function benchIngest(megabytes: number, logs: string): void {
  const dir = mkdtempSync(join(tmpdir(), 'chat-runner-bench-'));
  try {
    const sizes = options.growth ? [megabytes / 4, megabytes / 2, megabytes, megabytes * 2] : [megabytes];
    for (const size of sizes) {
      const path = join(dir, 'dialogueText.csv');
      const written = writeKaggleCsv(path, size * 1e6, logs);
      console.log(
        `${(written.bytes / 1e6).toFixed(0)} MB, ${written.rows.toLocaleString('en')} rows, ${written.dialogues.toLocaleString('en')} dialogues`,
      );
      for (const name of size === megabytes ? Object.keys(MEASURED) : ['ingest'])
        show(name, written.bytes, inProcess(name, path, join(dir, 'out')));
      rmSync(path);
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function show(name: string, bytes: number, { seconds, peakBytes, note }: Measured): void {
  console.log(
    `  ${name.padEnd(10)} ${seconds.toFixed(1).padStart(6)} s  ${(bytes / 1e6 / seconds).toFixed(1).padStart(6)} MB/s  peak ${(peakBytes / 1e6).toFixed(0).padStart(4)} MB  ${note}`,
  );
}

function inProcess(name: string, path: string, outDir: string): Measured {
  mkdirSync(outDir);
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [fileURLToPath(import.meta.url), '--measure', name, '--file', path, '--out', outDir],
    { encoding: 'utf8' },
  );
  rmSync(outDir, { recursive: true });
  if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
  return JSON.parse(stdout) as Measured;
}

async function measure(name: string): Promise<void> {
  const tokenizer = /^tokenize-(stage|encoder)$/.exec(name)?.[1] as 'stage' | 'encoder' | undefined;
  if (tokenizer) return console.log(JSON.stringify(await measureTokenize(tokenizer, options.file!, options.out!)));
  const start = performance.now();
  const note = await MEASURED[name]!(options.file!, options.out!);
  const measured: Measured = {
    seconds: (performance.now() - start) / 1000,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    note,
  };
  console.log(JSON.stringify(measured));
}

async function runIngest(path: string, outDir: string): Promise<string> {
  const params = Value.Parse(ingest.params, { source: path, format: 'ubuntu' });
  let note = '';
  await ingest.run({
    params,
    runtime: {},
    inputs: {},
    sources: { source: path },
    outDir,
    scratchDir: outDir,
    emit: (event) => void (event.kind === 'note' && (note = event.text)),
    signal: new AbortController().signal,
  });
  return `${(statSync(join(outDir, 'conversations.jsonl')).size / 1e6).toFixed(0)} MB of conversations; ${note}`;
}

async function splitWithLibrary(path: string): Promise<string> {
  let rows = 0;
  for await (const _ of createReadStream(path, { highWaterMark: 1 << 18 }).pipe(parse())) rows++;
  return `${rows.toLocaleString('en')} rows, split only`;
}
