/** `runner ui`: starts an MLflow server, sends every run to it, and keeps it up to date until the user stops it. */
import { calledAs } from '../../files/called-as.ts';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kinds } from '../../pipeline/stage-kind.ts';
import { columnParams } from '../mlflow/experiment-page.ts';
import { readJournalFrom } from '../journal/journal.ts';
import { sentParams } from '../journal/sent-params.ts';
import type { RunRecord } from '../journal/journal.ts';
import { chartsLink, runsLink, samplesLink } from '../mlflow/links.ts';
import { openMlflow } from '../mlflow/client.ts';
import { experimentByName, setExperimentTag } from '../mlflow/experiment.ts';
import type { MlflowClient } from '../mlflow/client.ts';
import type { MlflowExperiment } from '../mlflow/experiment.ts';
import { findMlflow } from './mlflow-install.ts';
import { startMlflow } from './mlflow-server.ts';
import type { MlflowServer } from './mlflow-server.ts';
import { runsView, runsViewKey, sweepViewKey } from '../mlflow/sweep-view.ts';
import { journalPaths } from '../send/sent.ts';
import { pullLabels } from '../send/pull-labels.ts';
import { syncJournals } from '../send/sync.ts';

export interface UiSettings {
  runsDir: string;
  kinds: Kinds;
  port?: number | undefined;
  /** aborted when the user wants to stop */
  signal: AbortSignal;
  /** prints a line for the user */
  print: (text: string) => void;
}

/**
 * Returns when `signal` is aborted or the server exits. Throws MlflowInstallError or MlflowServerError if the server
 * cannot be installed or started.
 */
export async function runUi(settings: UiSettings): Promise<void> {
  const { runsDir, port, signal, print } = settings;
  const mlflow = await unlessStopped(() => findMlflow(print), signal);
  const server =
    mlflow &&
    (await unlessStopped(() => startMlflow({ dir: join(runsDir, 'mlflow'), mlflow, port, print, signal }), signal));
  if (!server) return;
  try {
    print(`${server.reused ? 'MLflow is already running at' : 'MLflow is running at'} ${server.uri}`);
    const client = openMlflow(server.uri, { env: {}, signal });
    await send(settings, server);
    await pullLabels(client, runsDir, print);
    const page = linkPrinter(client, settings);
    const first = await page.printNew();
    if (first === null) print('There are no runs yet.');
    print(`\nRuns in progress are updated live. To log from another program, set MLFLOW_TRACKING_URI=${server.uri}`);
    print(
      server.ours
        ? 'Ctrl-C stops the server; its data is kept.'
        : `Ctrl-C ends this command; the server keeps running, because another "${calledAs()} ui" started it.`,
    );
    await keepSending(settings, server, page, client);
  } finally {
    if (server.ours) await server.stop();
  }
}

// ---------------------------------------------------------------------------------------------------------------------

const pollEveryMs = 2000;
const pullEveryMs = 15_000;

/** null if it failed because the user stopped it. */
async function unlessStopped<T>(start: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
  try {
    return await start();
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

async function send({ runsDir, kinds, signal, print }: UiSettings, server: MlflowServer): Promise<void> {
  let lastPrintedMs = 0;
  const onProgress = ({ done, total }: { done: number; total: number }): void => {
    if (Date.now() - lastPrintedMs < 3000) return;
    lastPrintedMs = Date.now();
    print(`sending runs: ${done} of ${total}`);
  };
  const outcome = await syncJournals({
    runsDir,
    uri: server.uri,
    kinds,
    scope: 'all',
    env: {},
    signal,
    warn: print,
    onProgress,
  });
  if (outcome.unreachable && !signal.aborted) print(outcome.unreachable);
}

/** Sends new runs, and runs in progress that no other process is sending. */
async function keepSending(
  settings: UiSettings,
  server: MlflowServer,
  page: LinkPrinter,
  client: MlflowClient,
): Promise<void> {
  const { runsDir, kinds, signal, print } = settings;
  const warned = new Set<string>();
  const warn = (text: string): void => {
    if (!warned.has(text)) print(text);
    warned.add(text);
  };
  let pulledMs = Date.now();
  while (!signal.aborted) {
    await sleep(pollEveryMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const { unreachable, sent } = await syncJournals({
      runsDir,
      uri: server.uri,
      kinds,
      scope: 'all',
      env: {},
      signal,
      warn,
    });
    if (unreachable && !signal.aborted && !(await server.alive()))
      return print(`the MLflow server at ${server.uri} has stopped`);
    if (Date.now() - pulledMs > pullEveryMs) {
      await pullLabels(client, runsDir, warn).catch(() => {}); // stopped by the user
      pulledMs = Date.now();
    }
    if (sent > 0) await page.printNew().catch(() => null); // the next round finds out whether the server has stopped
  }
}

interface LinkPrinter {
  /** Prints the links not printed before; returns the very first link, or null if there is none. */
  printNew(): Promise<string | null>;
}

/** Links to the table and charts of each experiment, and to the table, charts and samples of its newest sweeps. */
function linkPrinter(client: MlflowClient, { runsDir, kinds, print }: UiSettings): LinkPrinter {
  const printed = new Set<string>();
  const known = new Map<string, RunRecord>(); // a journal's first record never changes
  let first: string | null = null;

  function printOnce(lines: string[]): void {
    const [head = ''] = lines;
    if (!printed.has(head)) for (const line of lines) print(line);
    printed.add(head);
  }

  return {
    async printNew() {
      for (const path of journalPaths(runsDir))
        if (!known.has(path)) for (const record of firstRecord(path)) known.set(path, record);
      const runs = [...known.values()];
      for (const name of new Set(runs.map((run) => run.experiment))) {
        const experiment = await experimentByName(client, name);
        if (!experiment || experiment.deleted) continue;
        const experimentRuns = runs.filter((run) => run.experiment === name);
        await refreshView(client, experiment, experimentRuns, kinds);
        const location = { uri: client.address.base, experimentId: experiment.experimentId };
        first ??= runsLink(location, runsViewKey);
        printOnce([
          `\nexperiment ${name}`,
          `  table   ${runsLink(location, runsViewKey)}`,
          `  charts  ${chartsLink(location, runsViewKey)}`,
        ]);
        for (const id of newestSweeps(experimentRuns)) {
          const key = sweepViewKey(id);
          printOnce([
            `  sweep ${id}`,
            `    table   ${runsLink(location, key)}`,
            `    charts  ${chartsLink(location, key)}`,
            `    samples ${samplesLink(location, id)}`,
          ]);
        }
      }
      return first;
    },
  };
}

/** Now that all runs are known, makes the columns of the plain view those params in which the runs differ. */
async function refreshView(
  client: MlflowClient,
  experiment: MlflowExperiment,
  runs: RunRecord[],
  kinds: Kinds,
): Promise<void> {
  const { stages } = newestMeasured(runs, kinds) ?? { stages: [] };
  const view = runsView(columnParams(runs.map(sentParams), stages, kinds), stages, kinds);
  if (experiment.tags[view.tag] !== view.value)
    await setExperimentTag(client, experiment.experimentId, view.tag, view.value);
}

/** A later run of only the first stages must not take the charts away. */
const newestMeasured = (runs: RunRecord[], kinds: Kinds): RunRecord | undefined =>
  runs.findLast((run) => run.stages.some(({ kind }) => kinds[kind]?.metrics)) ?? runs.at(-1);

function newestSweeps(runs: RunRecord[]): string[] {
  return [...new Set(runs.flatMap((run) => (run.sweep ? [run.sweep.id] : [])).reverse())].slice(0, 5);
}

function firstRecord(journalPath: string): RunRecord[] {
  const record = readJournalFrom(journalPath, 0, 10_000).lines[0]?.record;
  return record?.kind === 'run' ? [record] : [];
}
