import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { openTokensWriter } from '../../src/artifacts/tokens/tokens.ts';
import { gpt2 } from '../../src/tokenizer/gpt2/identity.ts';
import { readVocabulary } from '../../src/tokenizer/gpt2/vocabulary-files.ts';
import { findTensorFlow } from '../../src/engine/tensorflow/install/install.ts';
import { byteLevelTokenizer } from '../../src/tokenizer/byte-level.ts';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import { below, randomAt } from '../../src/lm/random/random.ts';
import type { StageEvent } from '../../src/pipeline/events.ts';
import type { StageContract } from '../../src/pipeline/stage-kind.ts';

export const skipWithoutTensorFlow = findTensorFlow() ? false : "TensorFlow's library is not installed";

export function temporaryFolder(): { dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'chat-runner-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** A tiny language with something to learn: three words that always occur in the same order, then a name. */
export function smallTalk(lines: number, seed = 1): string {
  const random = randomAt(seed, 0, 'mix');
  const greetings = ['good morning to you', 'see you tomorrow', 'how are things', 'that is very kind'];
  const line = (): string => `${['Ann', 'Ben'][below(random, 2)]}: ${greetings[below(random, greetings.length)]}\n`;
  return Array.from({ length: lines }, line).join('');
}

let encoding: Tokenizer | undefined;
export function gpt2Encoding(): Tokenizer {
  if (!encoding) {
    const { vocabJson, mergesText } = readVocabulary();
    encoding = byteLevelTokenizer(vocabJson, mergesText);
  }
  return encoding;
}

/** A tokens artifact with these documents. */
export function writeTokens(dir: string, documents: { train: string[]; validation: string[] }): void {
  const { encode, vocabularySize, separator } = gpt2Encoding();
  mkdirSync(dir, { recursive: true });
  const writer = openTokensWriter(dir, {
    tokenizer: { name: 'gpt2', vocabulary: gpt2.vocabulary },
    vocabularySize,
    separator,
    ending: 'separator',
    template: '{name}: {text}',
  });
  for (const split of ['train', 'validation'] as const)
    for (const text of documents[split]) writer.append(split, encode(text), Buffer.byteLength(text));
  writer.close();
}

export const FEW_IDS = 256;

/**
 * The same with few ids, for tests of what training does around its steps: most of a step's time is in the vocabulary.
 * Several of GPT-2's ids become one, so nothing can be decoded.
 */
export function writeFewTokens(dir: string, documents: { train: string[]; validation: string[] }): void {
  const { encode } = gpt2Encoding();
  const separator = FEW_IDS - 1;
  mkdirSync(dir, { recursive: true });
  const writer = openTokensWriter(dir, {
    tokenizer: { name: 'gpt2', vocabulary: gpt2.vocabulary },
    vocabularySize: FEW_IDS,
    separator,
    ending: 'separator',
    template: '{name}: {text}',
  });
  for (const split of ['train', 'validation'] as const)
    for (const text of documents[split])
      writer.append(
        split,
        encode(text).map((id) => id % separator),
        Buffer.byteLength(text),
      );
  writer.close();
}

export interface StageRun {
  dir: string;
  inputs: Record<string, string>;
  sources?: Record<string, string>;
  params: object;
  runtime?: object;
  signal?: AbortSignal;
  onEvent?(event: StageEvent): void;
}

/** Runs a stage as the runner does: fills in defaults, with a new `out` and a persistent `scratch`. */
export async function runStage(kind: StageContract, run: StageRun): Promise<{ outDir: string; events: StageEvent[] }> {
  const outDir = join(run.dir, 'out');
  const scratchDir = join(run.dir, 'scratch');
  rmSync(outDir, { recursive: true, force: true });
  for (const dir of [outDir, scratchDir]) mkdirSync(dir, { recursive: true });
  const events: StageEvent[] = [];
  await kind.run({
    params: Value.Parse(kind.params, run.params),
    runtime: Value.Parse(kind.runtime, run.runtime ?? {}),
    inputs: run.inputs,
    sources: run.sources ?? {},
    outDir,
    scratchDir,
    emit: (event) => {
      events.push(event);
      run.onEvent?.(event);
    },
    signal: run.signal ?? new AbortController().signal,
  });
  return { outDir, events };
}

/** Path in the folder → sha256, to compare whole artifacts. */
export function digestsOf(dir: string): Record<string, string> {
  const paths = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const names = paths.map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1)).sort();
  return Object.fromEntries(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(dir, name)))
        .digest('hex'),
    ]),
  );
}

export function metricsOf(events: StageEvent[], name: string): [step: number, value: number][] {
  return events.flatMap((event) =>
    event.kind === 'metric' && event.name === name ? [[event.step, event.value] as [number, number]] : [],
  );
}
