import { createHash } from 'node:crypto';
import { readConversations } from '../../src/artifacts/conversations.ts';
import { SPLIT_NAMES, type SplitName } from '../../src/artifacts/tokens/index.ts';
import { StageInputError, StageStopped } from '../../src/pipeline/stage-kind.ts';
import { LEFT_OUT, type SplitRule } from './split.ts';

const SPLIT_INDEX = Object.fromEntries(SPLIT_NAMES.map((name, split) => [name, split])) as Record<SplitName, number>;

/**
 * Splits by the time of each conversation's first message: the latest conversations go to test, those before them to
 * validation, the rest to train. A conversation that is identical to an earlier one in another split is left out, so
 * that no held-out conversation is also trained on.
 */
export async function splitByTime(
  dir: string,
  { validation, test }: { validation: number; test: number },
  signal: AbortSignal,
): Promise<{ rule: SplitRule; leftOut: number }> {
  const times: number[] = [];
  const hashes: string[] = [];
  for await (const { messages } of readConversations(dir)) {
    if (signal.aborted) throw new StageStopped();
    const first = messages.find(({ time }) => time !== null);
    if (!first)
      throw new StageInputError(
        `conversation ${times.length + 1} has no times, but \`splitBy: time\` needs them`,
        'set `splitBy: conversation` on this stage',
      );
    times.push(first.time!);
    hashes.push(
      createHash('sha256')
        .update(messages.map(({ from, text }) => `${from}\t${text}\n`).join(''))
        .digest('base64')
        .slice(0, 16),
    );
  }
  const splits = splitsByTime(times, { validation, test });
  return { rule: { kind: 'listed', splits }, leftOut: leaveOutRepeated(splits, hashes, times) };
}

/** Leaves at least one conversation in train and gives each share above 0 at least one, if there are enough. */
export function splitsByTime(times: number[], { validation, test }: { validation: number; test: number }): Uint8Array {
  const order = times.map((_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b);
  const count = (share: number): number => (share === 0 ? 0 : Math.max(1, Math.round(share * times.length)));
  const tests = Math.min(count(test), Math.max(0, times.length - 1));
  const validations = Math.min(count(validation), Math.max(0, times.length - 1 - tests));
  const splits = new Uint8Array(times.length).fill(SPLIT_INDEX.train);
  for (const i of order.slice(times.length - tests)) splits[i] = SPLIT_INDEX.test;
  for (const i of order.slice(times.length - tests - validations, times.length - tests))
    splits[i] = SPLIT_INDEX.validation;
  return splits;
}

function leaveOutRepeated(splits: Uint8Array, hashes: string[], times: number[]): number {
  const firstOf = new Map<string, number>();
  const order = times.map((_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b);
  let leftOut = 0;
  for (const i of order) {
    const first = firstOf.get(hashes[i]!);
    if (first === undefined) {
      firstOf.set(hashes[i]!, i);
    } else if (splits[first] !== splits[i]) {
      splits[i] = LEFT_OUT;
      leftOut++;
    }
  }
  return leftOut;
}
