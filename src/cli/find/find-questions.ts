import { calledAs } from '../../files/called-as.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_FILE, QUESTIONS_FILE } from '../../artifacts/questions.ts';
import { frozenStages } from '../../history/frozen-pipeline.ts';
import type { PastRun } from '../../history/past-runs.ts';
import { suggestion } from '../../pipeline/diagnostic/nearest.ts';
import { UsageError } from '../verb.ts';
import { runWord } from './run-word.ts';
import { findRun } from './find-run.ts';
import { stagesWithResult } from './find-tokens.ts';
import { runAndStage } from './run-and-stage.ts';

export interface FoundQuestions {
  past: PastRun;
  stage: string;
  dir: string;
}

/** The blind test of `RUN` or `RUN/STAGE`. Without a stage, the run must have only one. */
export function findQuestions(runsDir: string, named: string): FoundQuestions {
  const { run, stage } = runAndStage(named, null);
  const past = findRun(runsDir, run);
  const results = stagesWithResult(past, runsDir);
  const found = [...results].flatMap(([name, dir]) => (isBlindTest(dir) ? [name] : []));
  const chosen = stage ?? onlyOne(past, found);
  if (found.includes(chosen)) return { past, stage: chosen, dir: results.get(chosen)! };
  const all = [...new Set([...results.keys(), ...(past.record?.planned ?? []).map(({ name }) => name)])];
  throw new UsageError(
    all.includes(chosen)
      ? `stage "${chosen}" of run ${past.name} has no questions; stages that have: ${found.join(', ') || 'none'}`
      : `run ${past.name} has no stage "${chosen}"; ${suggestion(chosen, all, 'stages')}`,
  );
}

export interface VerdictStage {
  name: string;
  /** as the pipeline names the folder */
  answers: string | null;
  atMost: number | null;
}

/** The stage of the run that gives a verdict on these questions; null without one. */
export function verdictStageOf({ past, stage }: FoundQuestions): VerdictStage | null {
  for (const [name, { kind, inputs, params }] of Object.entries(frozenStages(past)))
    if (kind === 'verdict' && inputs['questions'] === stage) {
      const { answers, atMost } = params as { answers?: string; atMost?: number };
      return { name, answers: answers ?? null, atMost: atMost ?? null };
    }
  return null;
}

// ---------------------------------------------------------------------------

const isBlindTest = (dir: string): boolean => [QUESTIONS_FILE, KEY_FILE].every((file) => existsSync(join(dir, file)));

function onlyOne(past: PastRun, found: string[]): string {
  const [first, ...others] = found;
  if (first === undefined) {
    const planned = (past.record?.planned ?? []).filter(({ kind }) => kind === 'turing').map(({ name }) => name);
    throw new UsageError(
      planned.length > 0
        ? `run ${past.name} has no questions: ${planned.join(', ')} did not finish. See ${calledAs()} show ${runWord(past)}`
        : `run ${past.name} has no questions; turing stages make them: see pipelines/turing.yaml`,
    );
  }
  if (others.length > 0)
    throw new UsageError(
      `run ${past.name} has ${found.length} stages with questions: ${found.join(', ')}; name one: ${past.name}/${first}`,
    );
  return first;
}
