import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../src/files/project-root.ts';
import type { StageResult } from '../../src/pipeline/events.ts';

/** The real command line in its own process. */
export interface Started {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** what it has printed so far, both streams */
  output(): string;
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunJson {
  run: string;
  dir: string;
  ok: boolean;
  stages: StageResult[];
}

/** `input`: what it reads from standard input; null: nothing. */
export function startRunner(
  args: string[],
  runsDir: string,
  env: Record<string, string> = {},
  input: string | null = null,
): Started {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('MLFLOW_') && name !== 'NODE_TEST_CONTEXT'),
  );
  const child = spawn(process.execPath, [join(projectRoot(), 'dist', 'cli.js'), ...args], {
    env: { ...clean, RUNNER_RUNS: runsDir, NO_COLOR: '1', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(input ?? '');
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  return { child, ended, output: () => stdout + stderr };
}

export const runRunner = (args: string[], runsDir: string, env?: Record<string, string>): Promise<Ended> =>
  startRunner(args, runsDir, env).ended;

/** `run FILE --json`; throws unless it succeeds. */
export async function runJson(args: string[], runsDir: string): Promise<RunJson> {
  const { code, stdout, stderr } = await runRunner(['run', ...args, '--json'], runsDir);
  if (code !== 0) throw new Error(`exit code ${code}\n${stderr}`);
  return JSON.parse(stdout) as RunJson;
}

/** The pid of a running stage process of this runs folder, or null. */
export function stagePid(runsDir: string): number | null {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const argv = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      if (argv.includes('exec-stage') && argv.some((arg) => arg.startsWith(`${runsDir}/`))) return Number(name);
    } catch {
      // it has just ended
    }
  }
  return null;
}

export const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

/**
 * Writes a small Messenger export: two threads with lines from which a tiny model can learn something. In both, Mira
 * has every other line.
 */
export function writeExport(dir: string, messages = 240, contentOf = changingWords): void {
  for (const [thread, other] of Object.entries({ ana_1: 'Ana', bo_2: 'Bo' })) {
    const folder = join(dir, 'your_activity_across_facebook', 'messages', 'inbox', thread);
    mkdirSync(folder, { recursive: true });
    const sent = Array.from({ length: messages }, (_, index) => ({
      sender_name: index % 2 ? 'Mira' : other,
      timestamp_ms: 1500000000000 + index * 61_000,
      content: contentOf(index, thread),
    }));
    writeFileSync(
      join(folder, 'message_1.json'),
      JSON.stringify({ participants: [{ name: other }, { name: 'Mira' }], messages: sent.reverse(), title: other }),
    );
  }
}

function changingWords(index: number, thread: string): string {
  const words = 'tea boats rain and the sea a letter home again maybe soon'.split(' ');
  return Array.from(
    { length: 3 + (index % 5) },
    (_, word) => words[(index * 7 + word * (thread.length + 2)) % words.length],
  ).join(' ');
}

/** Writes a pipeline with five kinds of stages and a tiny model; `more` replaces parts of its text. */
export function writePipeline(path: string, source: string, more: Record<string, string> = {}): string {
  let text = `name: tiny
seed: 3
stages:
  chat: { kind: ingest, params: { source: ${JSON.stringify(source)}, format: messenger } }
  tokens: { kind: tokenize, inputs: { conversations: chat }, params: { template: "{name}: {text}", validation: 0.3 } }
  model:
    kind: train
    inputs: { chat: tokens }
    params:
      model: { layers: 1, heads: 2, width: 16, context: 32 }
      schedule: { kind: cosine, peak: 0.01, floor: 0.001, warmupSteps: 5 }
      steps: 30
      batchSize: 2
      validateEvery: 10
      validationBatches: 4
    runtime: { logEvery: 5, checkpointEvery: 5 }
  samples: { kind: sample, inputs: { checkpoint: model }, params: { prompts: ["Mira:"], maxNewTokens: 8, temperature: 0.8, topK: 20 } }
  report: { kind: evaluate, inputs: { checkpoint: model, held-out: tokens } }
`;
  for (const [old, replacement] of Object.entries(more)) {
    if (!text.includes(old)) throw new Error(`the tiny pipeline has no "${old}"`);
    text = text.replace(old, replacement);
  }
  writeFileSync(path, text);
  return path;
}
