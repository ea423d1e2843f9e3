import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SPLIT_NAMES, bySplit, readTokensIndex, type SplitName } from '../../../artifacts/tokens/index.ts';
import { openFileWriter, type FileWriter } from '../../../files/file-writer.ts';
import { sha256OfFile } from '../../../files/sha256.ts';
import { syncPath } from '../../../files/sync.ts';
import { temporaryName } from '../../../files/temporary-name.ts';
import { pidExists } from '../../../process/process-mark.ts';
import { UsageError } from '../../verb.ts';
import { nearPath } from '../../screen/shown-values.ts';
import type { TrainingSetFormat } from '../export-formats.ts';
import type { FoundConversations } from './find-conversations.ts';
import { datasetInfo, sampleLine } from './sample-line.ts';
import { samplesOf, type SampleRules } from './samples.ts';
import { splitConversations } from './split-conversations.ts';
import { addTo, checkSummary, noCounts, type Summary } from './summary.ts';
import { UNSEEN } from './turns.ts';

export interface TrainingSet {
  found: FoundConversations;
  rules: SampleRules;
  as: TrainingSetFormat;
  /** the folder to write to; created if missing */
  dir: string;
  /** what the names of the data sets begin with */
  name: string;
  /** bytes of the conversations */
  onBytes(done: number, total: number): void;
}

/** A file of the training set; `same`: it existed already, with these bytes. */
export interface WrittenFile {
  file: string;
  outcome: 'written' | 'same';
}

/**
 * Writes `train.jsonl`, `validation.jsonl` and `test.jsonl` (those that have samples), `dataset_info.json` and
 * `summary.json`: aside first, and under their names only when all are whole. Throws a UsageError if a file of one of
 * these names has other content or should not be there; then nothing is written.
 */
export async function writeTrainingSet(wanted: TrainingSet): Promise<{ summary: Summary; files: WrittenFile[] }> {
  const { dir } = wanted;
  const isNew = !existsSync(dir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  removeLeftovers(dir);
  const aside = temporaryName(join(dir, 'training-set'));
  mkdirSync(aside);
  try {
    const summary = await writeSplits(wanted, aside);
    const splits = SPLIT_NAMES.filter((split) => summary.splits[split].samples > 0);
    writeFileSync(join(aside, 'dataset_info.json'), datasetInfo(wanted.name, splits, wanted.as));
    writeFileSync(join(aside, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
    return { summary, files: giveNames(aside, dir) };
  } finally {
    rmSync(aside, { recursive: true, force: true });
    if (isNew && readdirSync(dir).length === 0) rmSync(dir, { recursive: true });
  }
}

// ---------------------------------------------------------------------------

/** Folders of exports that were killed; they hold conversations. */
function removeLeftovers(dir: string): void {
  for (const name of readdirSync(dir)) {
    const pid = /^training-set\.(\d+)-[0-9a-f]{8}\.aside$/.exec(name)?.[1];
    if (pid !== undefined && !pidExists(Number(pid))) rmSync(join(dir, name), { recursive: true, force: true });
  }
}

async function writeSplits(wanted: TrainingSet, aside: string): Promise<Summary> {
  const { found, rules, as, onBytes } = wanted;
  const summary = emptySummary(wanted);
  const documents = bySplit(() => 0);
  const writers = new Map<SplitName, FileWriter>();
  const writerOf = (split: SplitName): FileWriter => {
    const writer = writers.get(split) ?? openFileWriter(join(aside, `${split}.jsonl`));
    writers.set(split, writer);
    return writer;
  };
  try {
    for await (const { messages, parts } of splitConversations(found.dir, found.split, onBytes)) {
      const named = new Set([...messages.map(({ from }) => from).filter((from) => from !== '')]).size > 2;
      summary.conversations++;
      summary.messages += messages.length;
      if (parts.length === 0) summary.repeated += messages.length;
      for (const { split, first, end } of parts) {
        documents[split]++;
        const made = samplesOf(messages.slice(first, end), { ...rules, named });
        for (const turns of made.samples) writerOf(split).write(sampleLine(turns, as));
        addTo(summary.splits[split], made);
      }
    }
    checkSummary(summary);
    checkDocuments(found, documents);
    for (const writer of writers.values()) writer.closeDurably();
    return summary;
  } catch (error) {
    for (const writer of writers.values()) writer.abandon();
    throw error;
  }
}

function emptySummary({ found, rules, as }: TrainingSet): Summary {
  const { splitBy, seed, validation, test } = found.split;
  return {
    format: 'chat-runner/training-set/1',
    as,
    run: found.run,
    stage: found.stage,
    settings: { gapHours: rules.gapMs / 3_600_000, maxTokens: rules.mostTokens, unseen: UNSEEN },
    heldOut: { stage: found.splitStage?.name ?? null, splitBy, seed, validation, test },
    conversations: 0,
    messages: 0,
    repeated: 0,
    splits: noCounts(),
  };
}

/** The split is computed again, so it is compared with the one that the stage made. */
function checkDocuments({ name, splitStage }: FoundConversations, documents: Record<SplitName, number>): void {
  if (splitStage?.tokens == null) return;
  const { splits } = readTokensIndex(splitStage.tokens);
  const other = SPLIT_NAMES.find((split) => splits[split].documents !== documents[split]);
  if (other !== undefined)
    throw new UsageError(
      `stage ${splitStage.name} of run ${name} has ${splits[other].documents} ${other} documents, but its params now give ${documents[other]}: it was made by another version; run the pipeline again`,
    );
}

/** Compares the files with those in the folder, then moves the new ones there. */
function giveNames(aside: string, dir: string): WrittenFile[] {
  const names = FILES.filter((name) => existsSync(join(aside, name)));
  const existing = FILES.filter((name) => existsSync(join(dir, name)));
  const unexpected = existing.filter((name) => !names.includes(name));
  if (unexpected.length > 0)
    throw new UsageError(
      `${nearPath(dir)} contains ${unexpected.join(', ')}, which a trainer would read as part of this training set; nothing was written: remove it or choose another folder`,
    );
  for (const name of existing)
    if (sha256OfFile(join(dir, name)) !== sha256OfFile(join(aside, name)))
      throw new UsageError(
        `${nearPath(join(dir, name))} exists with different content; nothing was written: remove it or choose another folder`,
      );
  const files = names.map((file): WrittenFile => ({ file, outcome: existing.includes(file) ? 'same' : 'written' }));
  for (const { file, outcome } of files) if (outcome === 'written') renameSync(join(aside, file), join(dir, file));
  syncPath(dir);
  return files;
}

const FILES = [...SPLIT_NAMES.map((split) => `${split}.jsonl`), 'dataset_info.json', 'summary.json'];
