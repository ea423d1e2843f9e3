import { calledAs, shippedFile } from '../../files/called-as.ts';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { suggestion } from '../../pipeline/diagnostic/nearest.ts';
import { findPastRun, listPastRuns, readPastRun } from '../../history/past-runs.ts';
import type { PastRun } from '../../history/past-runs.ts';
import { UsageError } from '../verb.ts';

/** Finds a run by `latest`, a unique part of its name, or its folder, which may be anywhere. */
export function findRun(runsDir: string, named: string): PastRun {
  const found = existsSync(named) ? readPastRun(resolve(named)) : null;
  if (found) return found;
  const matches = findPastRun(runsDir, named);
  if (!Array.isArray(matches)) return matches;
  if (matches.length === 0) throw new UsageError(noSuchRun(runsDir, named));
  const shown = matches.slice(0, 8).map(({ name }) => `\n  ${name}`);
  throw new UsageError(
    `"${named}" matches ${matches.length} runs:${shown.join('')}${matches.length > shown.length ? `\n  … and ${matches.length - shown.length} more` : ''}`,
  );
}

/** As `findRun`, but the id of a sweep names all of its runs, in the order of its points. */
export function findRuns(runsDir: string, named: string[]): PastRun[] {
  const all = listPastRuns(runsDir);
  const found = named.flatMap((name) => {
    const points = all.filter(({ record }) => record?.sweep?.id === name);
    return points.length
      ? points.sort((a, b) => (a.record?.sweep?.index ?? 0) - (b.record?.sweep?.index ?? 0))
      : [findRun(runsDir, name)];
  });
  return [...new Map(found.map((run) => [run.dir, run])).values()];
}

// ---------------------------------------------------------------------------

function noSuchRun(runsDir: string, named: string): string {
  const runs = listPastRuns(runsDir).map(({ name }) => name);
  if (runs.length === 0)
    return `no run "${named}"; there are no runs yet: ${calledAs()} run ${shippedFile('pipelines/quickstart.yaml')}`;
  return `no run "${named}"; ${suggestion(named, runs.slice(0, 5000), 'newest runs')} (all: ${calledAs()} ls)`;
}
