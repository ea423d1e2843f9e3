import { calledAs } from '../../files/called-as.ts';
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Listener } from '../../pipeline/events.ts';
import { isAliveHere, mayBeAlive } from '../../process/process-mark.ts';
import { UserError } from '../../pipeline/diagnostic/user-error.ts';
import type { ProcessMark } from '../../process/process-mark.ts';
import { runEventReader } from '../../history/follow-events.ts';
import { runningStages } from '../../run/running-stages.ts';
import { listPastRuns, readPastRun } from '../../history/past-runs.ts';
import type { PastRun } from '../../history/past-runs.ts';
import { UsageError } from '../verb.ts';
import { closingBox } from './closing.ts';
import { runWord } from '../find/run-word.ts';
import { findRun } from '../find/find-run.ts';
import { runsDirectory } from '../runs-directory.ts';
import { coloursFor } from '../screen/style.ts';
import { widthOf } from '../screen/text-table.ts';
import { openTerminal } from '../screen/terminal.ts';

/** `runner attach [RUN]`: the live view of a run in another process. Ctrl-C detaches. */
export const attach = ({ run, stop }: { run: string | null; stop: boolean }): Promise<number> => follow(run, stop);

/** `runner stop [RUN]`: asks a run to save and stop, and follows it until it has. */
export const stop = ({ run }: { run: string | null }): Promise<number> => follow(run, true);

// ---------------------------------------------------------------------------

const POLL_MS = 100;
/** How often to check whether the same command has started another run: a sweep has many. */
const FIND_RUNS_EVERY_MS = 1000;

async function follow(named: string | null, stop: boolean): Promise<number> {
  const runsDir = runsDirectory();
  const past = named === null ? newestRunning(runsDir) : findRun(runsDir, named);
  const runner = past.record?.runner;
  if (!runner)
    throw new UsageError(
      `${past.name} has no record of the process that runs it; see ${calledAs()} show ${runWord(past)}`,
    );
  checkOriginal(past);
  if (past.record?.finished) throw new UsageError(`${past.name} has ended; see ${calledAs()} show ${runWord(past)}`);
  if (!mayBeAlive(runner)) return withoutRunner(past, stop);
  if (stop && !isAliveHere(runner))
    throw new UserError(
      `${past.name} runs on ${runner.host}, as process ${runner.pid} of that machine or container; stop it there`,
    );
  if (stop) process.kill(runner.pid, 'SIGTERM');

  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  process.once('SIGINT', leave);
  const dirs = await watch(runsDir, { runner, first: past.run, leaving: leaving.signal });
  process.off('SIGINT', leave);
  if (leaving.signal.aborted) {
    console.log(`${past.name} keeps running; to follow it again: ${calledAs()} attach ${runWord(past)}`);
    return 0;
  }
  const code = ended(dirs, past);
  return stop ? 0 : code;
}

/** The runner of a copied folder works in the original; it must not be stopped for the copy. */
function checkOriginal({ dir, name }: PastRun): void {
  const [first] = runEventReader(join(dir, 'events.jsonl')).read();
  if (first?.kind !== 'run-started' || !existsSync(first.dir) || realpathSync(first.dir) === realpathSync(dir)) return;
  throw new UsageError(`${name} is a copy; the run itself is in ${first.dir}`);
}

/** Shows every run of a runner until the runner ends or we detach. Returns the folders of the runs. */
async function watch(
  runsDir: string,
  { runner, first, leaving }: { runner: ProcessMark; first: string; leaving: AbortSignal },
): Promise<string[]> {
  const terminal = openTerminal(process.stdout, coloursFor(process.stdout));
  const followed = new Map<string, { dir: string; read(): void }>();
  // `show` is for runs that had ended before
  const skipped = new Set(
    runsOf(runsDir, runner)
      .filter(({ run, record }) => run !== first && record?.finished)
      .map(({ run }) => run),
  );
  for (let alive = true, nextFindMs = 0; alive && !leaving.aborted;) {
    alive = mayBeAlive(runner);
    if (performance.now() >= nextFindMs || !alive) {
      for (const { run, dir } of runsOf(runsDir, runner))
        if (!skipped.has(run) && !followed.has(run)) followed.set(run, followRun(dir, terminal.show()));
      nextFindMs = performance.now() + FIND_RUNS_EVERY_MS;
    }
    for (const run of followed.values()) run.read();
    if (alive) await sleep(POLL_MS, undefined, { signal: leaving }).catch(() => {});
  }
  terminal.close();
  return [...followed.values()].map(({ dir }) => dir);
}

function newestRunning(runsDir: string): PastRun {
  const running = listPastRuns(runsDir).filter(({ record }) => record && !record.finished && record.runner);
  const living =
    running.find(({ record }) => mayBeAlive(record!.runner!)) ??
    running.find(({ dir }) => runningStages(join(runsDir, 'store'), dir).length > 0);
  if (!living) throw new UsageError(`no run is in progress; ${calledAs()} ls lists all runs`);
  return living;
}

/** A command's runs, oldest first. */
function runsOf(runsDir: string, { pid, started }: ProcessMark): PastRun[] {
  return listPastRuns(runsDir)
    .filter(({ record }) => record?.runner?.pid === pid && record.runner.started === started)
    .reverse();
}

function followRun(dir: string, listen: Listener): { dir: string; read(): void } {
  const reader = runEventReader(join(dir, 'events.jsonl'));
  return { dir, read: () => reader.read().forEach(listen) };
}

/** The runner was killed. Its stages may still be running; then the next `run` adopts them. */
function withoutRunner({ name, dir }: PastRun, stop: boolean): number {
  const stages = runningStages(join(runsDirectory(), 'store'), dir);
  if (stages.length === 0) {
    console.log(`${name}: the runner has died, and so have its stages; run the same command again to resume`);
    return 1;
  }
  for (const { stage, mark } of stages) {
    const here = isAliveHere(mark);
    if (stop && here) process.kill(mark.pid, 'SIGTERM');
    console.log(
      `${name}: the runner has died; ${stage} (process ${mark.pid}${here ? '' : ` on ${mark.host}`}) ${stop && here ? 'was asked to save its state and stop' : 'is still running; run the same command again to continue with it'}`,
    );
  }
  return stop ? 0 : 1;
}

function ended(dirs: string[], first: PastRun): number {
  const colours = coloursFor(process.stdout);
  const records = dirs.flatMap((dir) => readPastRun(dir)?.record ?? []);
  if (records.some(({ finished }) => finished === null) || records.length === 0) {
    const now = readPastRun(first.dir);
    return now ? withoutRunner(now, false) : 1;
  }
  const runs = records.map(({ run, runUid, ok, stages }, index) => ({
    run,
    runUid,
    dir: dirs[index] as string,
    ok: ok === true,
    stages,
  }));
  const ok = runs.every((run) => run.ok);
  const tookSeconds =
    (Math.max(...records.map(({ finished }) => Date.parse(finished as string))) -
      Math.min(...records.map(({ started }) => Date.parse(started)))) /
    1000;
  for (const line of closingBox({
    runs,
    table: [],
    tookSeconds,
    ok,
    again: null,
    tracking: [],
    colours,
    width: widthOf(process.stdout),
  }))
    console.log(line);
  return ok ? 0 : 1;
}
