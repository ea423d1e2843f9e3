import { SPLIT_NAMES, bySplit, type SplitName } from '../../../artifacts/tokens/index.ts';
import type { TrainingSetFormat } from '../export-formats.ts';
import { noSamples, type Fates, type Samples } from './samples.ts';

/** The counts of a split. */
export interface SplitCounts extends Omit<Samples, 'samples'> {
  samples: number;
  turns: number;
}

/** `summary.json`: what became of every message. It has no names and no text. */
export interface Summary {
  format: 'chat-runner/training-set/1';
  as: TrainingSetFormat;
  run: string;
  stage: string;
  settings: {
    /** a silence of this many hours ends a conversation; 0: none does */
    gapHours: number;
    /** limit of a sample: GPT-2 tokens of its texts, and 5 for each message */
    maxTokens: number;
    /** what stands in front of a sample that begins with a turn of mine */
    unseen: string;
  };
  /** `stage`: the `tokenize` stage whose split this is; null if it is that of a seed */
  heldOut: { stage: string | null; splitBy: string; seed: number; validation: number; test: number };
  conversations: number;
  /** the sum of all fates of all splits, and `repeated` */
  messages: number;
  /** messages left out: their conversation repeats one of another split, word for word */
  repeated: number;
  splits: Record<SplitName, SplitCounts>;
}

export const noCounts = (): Record<SplitName, SplitCounts> => bySplit(() => ({ ...noSamples(), samples: 0, turns: 0 }));

export function addTo(counts: SplitCounts, { samples, fates, ...numbers }: Samples): void {
  counts.samples += samples.length;
  counts.turns += samples.reduce((sum, turns) => sum + turns.length, 0);
  for (const name of Object.keys(fates) as (keyof Fates)[]) counts.fates[name] += fates[name];
  for (const name of Object.keys(numbers) as (keyof typeof numbers)[]) counts[name] += numbers[name];
}

/** Throws an Error if a message has no fate or two. */
export function checkSummary({ messages, repeated, splits }: Summary): void {
  const all = SPLIT_NAMES.flatMap((name) => Object.values(splits[name].fates) as number[]);
  const sum = all.reduce((total, count) => total + count, repeated);
  if (sum !== messages) throw new Error(`${messages} messages were read, but ${sum} are accounted for`);
}
