/** `runner ui`: a real MLflow server with every run in it, kept up to date until the user stops it. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kinds } from '../../pipeline/stage-kind.ts';
import { columnParams } from '../mlflow/experiment-page.ts';
import { readJournalFrom } from '../journal/journal.ts';
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
import { journalPaths, syncJournals } from '../send/sync.ts';

export interface UiSettings {
  runsDir: string;
  kinds: Kinds;
  port?: number | undefined;
  /** fires when the user wants to stop */
  signal: AbortSignal;
  /** lines for a person */
  print: (text: string) => void;
}

/**
 * Throws MlflowInstallError or MlflowServerError if there can be no server; comes back when `signal` fires or the
 * server ends.
 */
export async function runUi(settings: UiSettings): Promise<void> {
  const { runsDir, port, signal, print } = settings;
  const mlflow = await unlessStopped(() => findMlflow(print), signal);
  const server =
    mlflow &&
    (await unlessStopped(() => startMlflow({ dir: join(runsDir, 'mlflow'), mlflow, port, print, signal }), signal));
  if (!server) return;
  try {
    print(`${server.reused ? 'MLflow runs already at' : 'MLflow is at'} ${server.uri}`);
    const client = openMlflow(server.uri, { env: {}, signal });
    await send(settings, server);
    const page = linkPrinter(client, settings);
    const first = await page.printNew();
    if (first === null) print('There are no runs yet.');
    print(
      `\nRuns that go on now appear as they go. For a program that logs by itself: MLFLOW_TRACKING_URI=${server.uri}`,
    );
    print(
      server.ours
        ? 'Ctrl-C stops the server; everything in it stays.'
        : 'Ctrl-C ends this; the server belongs to another «runner ui».',
    );
    await keepSending(settings, server, page);
  } finally {
    if (server.ours) await server.stop();
  }
}

// ---------------------------------------------------------------------------------------------------------------------

const lookEveryMs = 2000;

/** What fails because the user stopped it is no failure. */
async function unlessStopped<T>(start: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
  try {
    return await start();
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}

async function send({ runsDir, kinds, signal, print }: UiSettings, server: MlflowServer): Promise<void> {
  let told = 0;
  const onProgress = ({ journals, of }: { journals: number; of: number }): void => {
    if (Date.now() - told < 3000) return;
    told = Date.now();
    print(`sending runs: ${journals} of ${of}`);
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
  if (outcome.away && !signal.aborted) print(outcome.away);
}

/** New runs, and those under way that nobody else sends. */
async function keepSending(settings: UiSettings, server: MlflowServer, page: LinkPrinter): Promise<void> {
  const { runsDir, kinds, signal, print } = settings;
  const told = new Set<string>();
  const warn = (text: string): void => {
    if (!told.has(text)) print(text);
    told.add(text);
  };
  while (!signal.aborted) {
    await sleep(lookEveryMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const { away, sent } = await syncJournals({ runsDir, uri: server.uri, kinds, scope: 'all', env: {}, signal, warn });
    if (away && !signal.aborted && !(await server.alive()))
      return print(`the MLflow server at ${server.uri} has ended`);
    if (sent > 0) await page.printNew().catch(() => null); // the next look tells whether the server has ended
  }
}

interface LinkPrinter {
  /** Prints what was not printed before; returns the first link of all, null if there is none. */
  printNew(): Promise<string | null>;
}

/** For each experiment its table and charts, and for each of its newest sweeps the table, the charts and the samples. */
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
        const its = runs.filter((run) => run.experiment === name);
        await refreshView(client, experiment, its, kinds);
        const at = { uri: client.address.base, experimentId: experiment.experimentId };
        first ??= runsLink(at, runsViewKey);
        printOnce([
          `\nexperiment ${name}`,
          `  table   ${runsLink(at, runsViewKey)}`,
          `  charts  ${chartsLink(at, runsViewKey)}`,
        ]);
        for (const id of newestSweeps(its)) {
          const key = sweepViewKey(id);
          printOnce([
            `  sweep ${id}`,
            `    table   ${runsLink(at, key)}`,
            `    charts  ${chartsLink(at, key)}`,
            `    samples ${samplesLink(at, id)}`,
          ]);
        }
      }
      return first;
    },
  };
}

/** With all runs at hand, the plain view's columns are the params in which they differ. */
async function refreshView(
  client: MlflowClient,
  experiment: MlflowExperiment,
  runs: RunRecord[],
  kinds: Kinds,
): Promise<void> {
  const stages = runs.at(-1)?.stages ?? [];
  const view = runsView(
    columnParams(
      runs.map((run) => run.params),
      stages,
      kinds,
    ),
    stages,
    kinds,
  );
  if (experiment.tags[view.tag] !== view.value)
    await setExperimentTag(client, experiment.experimentId, view.tag, view.value);
}

function newestSweeps(runs: RunRecord[]): string[] {
  return [...new Set(runs.flatMap((run) => (run.sweep ? [run.sweep.id] : [])).reverse())].slice(0, 5);
}

function firstRecord(journalPath: string): RunRecord[] {
  const record = readJournalFrom(journalPath, 0, 10_000).lines[0]?.record;
  return record?.kind === 'run' ? [record] : [];
}
