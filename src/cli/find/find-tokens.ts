import { shellWord } from '../../files/shell-word.ts';
import { calledAs } from '../../files/called-as.ts';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TOKENS_INDEX_FILE } from '../../artifacts/tokens/index.ts';
import { suggestion } from '../../pipeline/diagnostic/nearest.ts';
import { artifactsOf, readPastRun } from '../../history/past-runs.ts';
import type { PastRun } from '../../history/past-runs.ts';
import { UsageError } from '../verb.ts';
import { runWord } from './run-word.ts';
import { findRun } from './find-run.ts';

export interface FoundTokens {
  dir: string;
  /** null if a folder was named instead of a run */
  run: string | null;
  /** what people call the run */
  name: string | null;
  stage: string | null;
}

/**
 * The tokens of a run's stage, or a folder of tokens, which may be anywhere. Without a stage, the run must have only
 * one stage that made tokens.
 */
export function findTokens(runsDir: string, named: string, stage: string | null): FoundTokens {
  if (stage === null && isTokens(resolve(named)) && !readPastRun(resolve(named)))
    return { dir: resolve(named), run: null, name: null, stage: null };
  const past = findRun(runsDir, named);
  const made = stagesWithResult(past, runsDir);
  const withTokens = [...made.keys()].filter((name) => isTokens(made.get(name)!));
  const chosen = stage ?? onlyOne(past, withTokens);
  const dir = made.get(chosen);
  if (dir === undefined)
    throw new UsageError(
      plannedStages(past).includes(chosen)
        ? `stage "${chosen}" of run ${past.name} has no result; stages with tokens: ${listed(withTokens)}`
        : `run ${past.name} has no stage "${chosen}"; ${suggestion(chosen, [...made.keys()], 'stages')}`,
    );
  if (!isTokens(dir))
    throw new UsageError(
      `stage "${chosen}" of run ${past.name} made no tokens; stages with tokens: ${listed(withTokens)}`,
    );
  return { dir, run: past.run, name: past.name, stage: chosen };
}

/** Whether a run has a stage of this name, which could then be mistaken for the folder to write to. */
export function isStageOf(runsDir: string, named: string, stage: string): boolean {
  if (isTokens(resolve(named))) return false;
  const past = findRun(runsDir, named);
  return [...plannedStages(past), ...artifactsOf(past).keys()].includes(stage);
}

// ---------------------------------------------------------------------------

function onlyOne(past: PastRun, withTokens: string[]): string {
  const [first, ...others] = withTokens;
  if (first === undefined) throw new UsageError(`run ${past.name} has no tokens; tokenize and shards stages make them`);
  if (others.length > 0)
    throw new UsageError(
      `run ${past.name} has ${withTokens.length} stages with tokens: ${withTokens.join(', ')}; name one: ${calledAs()} export ${runWord(past)} ${shellWord(first)} DIR --as nanogpt`,
    );
  return first;
}

const listed = (names: string[]): string => names.join(', ') || 'none';
const plannedStages = ({ record }: PastRun): string[] => (record?.planned ?? []).map(({ name }) => name);

/** Stage → the folder of its result: in the run, or in the store if the run's link is gone. */
export function stagesWithResult(past: PastRun, runsDir: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [stage, artifact] of artifactsOf(past)) {
    const dir = [join(past.dir, 'stages', stage), join(runsDir, 'store', 'artifacts', artifact)].find((path) =>
      existsSync(path),
    );
    if (dir === undefined) continue;
    found.set(stage, dir);
  }
  return found;
}

/** Reads only the start of the index, which can be long. */
export function isTokens(dir: string): boolean {
  const head = Buffer.alloc(64);
  try {
    const fd = openSync(join(dir, TOKENS_INDEX_FILE), 'r');
    try {
      readSync(fd, head);
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
  return /^\{\s*"format":\s*"chat-runner\/tokens\//.test(head.toString('latin1'));
}
