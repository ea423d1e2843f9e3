import { shellWord } from '../../../files/shell-word.ts';
import { calledAs } from '../../../files/called-as.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CONVERSATIONS_FILE } from '../../../artifacts/conversations.ts';
import { frozenStages, type FrozenStage } from '../../../history/frozen-pipeline.ts';
import type { PastRun } from '../../../history/past-runs.ts';
import { suggestion } from '../../../pipeline/diagnostic/nearest.ts';
import { UNSTAMPED_TEMPLATE } from '../../../artifacts/tokens/line-template.ts';
import { params as tokenizeParams } from '../../../../stages/tokenize/params.ts';
import { UsageError, listed } from '../../verb.ts';
import { runWord } from '../../find/run-word.ts';
import { findRun } from '../../find/find-run.ts';
import { stagesWithResult } from '../../find/find-tokens.ts';
import type { SplitParams } from './split-conversations.ts';

export interface FoundConversations {
  run: string;
  /** what people call the run */
  name: string;
  /** the stage that made the conversations, and its result */
  stage: string;
  dir: string;
  split: SplitParams;
  /** the `tokenize` stage that decides what is held out, and its tokens (null if they are gone); null without one */
  splitStage: { name: string; tokens: string | null } | null;
}

/**
 * The conversations of a run. `stage` is the stage that made them, or a `tokenize` stage that read them, whose split is
 * used; it is needed only if there are several. Without a `tokenize` stage, `seed` decides what is held out, in that
 * kind's default shares.
 */
export function findConversations(
  runsDir: string,
  named: string,
  { stage, seed }: { stage: string | null; seed: number | null },
): FoundConversations {
  const past = findRun(runsDir, named);
  const made = stagesWithResult(past, runsDir);
  const frozen = frozenStages(past);
  const isTokenize = (name: string): boolean => frozen[name]?.kind === 'tokenize';
  const chosen =
    stage === null ? onlyOne(past, made) : isTokenize(stage) ? (frozen[stage]!.inputs['conversations'] ?? '') : stage;
  const dir = made.get(chosen);
  if (dir === undefined || !hasConversations(dir)) throw notConversations(past, made, chosen);
  const readers = Object.keys(frozen).filter(
    (name) => isTokenize(name) && frozen[name]!.inputs['conversations'] === chosen,
  );
  const candidates = stage !== null && isTokenize(stage) ? [stage] : readers;
  const splitter = candidates[0];
  const splits = new Set(candidates.map((name) => JSON.stringify(splitParamsOf(frozen[name]!))));
  if (splits.size > 1)
    throw new UsageError(
      `the stages ${listed(candidates, 'and')} of run ${past.name} hold out different conversations; name the one whose split to use: ${calledAs()} export ${runWord(past)} ${shellWord(splitter!)} DIR`,
    );
  if (splitter !== undefined && seed !== null)
    throw new UsageError(`the stage ${splitter} of run ${past.name} decides what is held out; remove --seed`);
  return {
    run: past.run,
    name: past.name,
    stage: chosen,
    dir,
    split: splitter === undefined ? seededSplit(seed) : splitParamsOf(frozen[splitter]!),
    splitStage: splitter === undefined ? null : { name: splitter, tokens: made.get(splitter) ?? null },
  };
}

// ---------------------------------------------------------------------------

const hasConversations = (dir: string): boolean => existsSync(join(dir, CONVERSATIONS_FILE));

function onlyOne(past: PastRun, made: Map<string, string>): string {
  const [first, ...others] = [...made.keys()].filter((name) => hasConversations(made.get(name)!));
  if (first === undefined) throw new UsageError(`run ${past.name} has no conversations; ingest stages make them`);
  if (others.length > 0)
    throw new UsageError(
      `run ${past.name} has ${others.length + 1} stages with conversations: ${[first, ...others].join(', ')}; name one: ${calledAs()} export ${runWord(past)} ${shellWord(first)} DIR`,
    );
  return first;
}

function notConversations(past: PastRun, made: Map<string, string>, chosen: string): UsageError {
  const withThem = [...made.keys()].filter((name) => hasConversations(made.get(name)!));
  if (made.has(chosen) || past.record?.planned?.some(({ name }) => name === chosen))
    return new UsageError(
      `stage "${chosen}" of run ${past.name} has no conversations; stages with conversations: ${withThem.join(', ') || 'none'}`,
    );
  return new UsageError(`run ${past.name} has no stage "${chosen}"; ${suggestion(chosen, [...made.keys()], 'stages')}`);
}

/** What a run's `pipeline.yaml` says; an old one may lack params that were added later. */
function splitParamsOf({ params }: FrozenStage): SplitParams {
  const { template, validation, test, splitBy, seed } = { ...DEFAULTS, ...(params as Partial<SplitParams>) };
  return { template, validation, test, splitBy, seed };
}

const seededSplit = (seed: number | null): SplitParams => ({
  ...DEFAULTS,
  template: UNSTAMPED_TEMPLATE,
  seed: seed ?? DEFAULTS.seed,
});

const DEFAULTS = Object.fromEntries(
  Object.entries(tokenizeParams).map(([name, schema]) => [name, schema.default as unknown]),
) as SplitParams;
