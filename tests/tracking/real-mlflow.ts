/** For the tests: the pinned MLflow server, journals to send to it, and direct queries of what it stores. */
import { mkdirSync, mkdtempSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from '../../src/tracking/journal/journal.ts';
import type { Journal, JournalRecord, RunRecord } from '../../src/tracking/journal/journal.ts';
import { ownMlflow } from '../../src/tracking/server/mlflow-install.ts';
import { startMlflow } from '../../src/tracking/server/mlflow-server.ts';
import type { MlflowServer } from '../../src/tracking/server/mlflow-server.ts';
import { markOf } from '../../src/process/process-mark.ts';

/** Starts it in a folder whose name has unusual characters. */
export async function startRealMlflow(): Promise<MlflowServer & { dir: string }> {
  const dir = join(mkdtempSync(join(tmpdir(), 'mlflow ä#%20?-')), 'mlflow');
  const mlflow = await ownMlflow((text) => console.error(text), process.env);
  return { ...(await startMlflow({ dir, mlflow, print: () => {} })), dir };
}

export function newRunsDir(): string {
  return mkdtempSync(join(tmpdir(), 'runs-'));
}

export interface TestRun {
  journal: Journal;
  path: string;
  uid: string;
  first: RunRecord;
}

let runCount = 0;

/** A journal with its first record. */
export function newRun(runsDir: string, change: Partial<RunRecord> = {}): TestRun {
  const uid = `uid-${process.pid}-${runCount}`;
  const name = `run-${String(runCount++).padStart(4, '0')}`;
  const dir = join(runsDir, name);
  mkdirSync(dir, { recursive: true });
  const first: RunRecord = {
    kind: 'run',
    uid,
    experiment: 'tests',
    title: name,
    time: 1_700_000_000_000,
    tags: { run_uid: uid, pipeline: 'p', 'mlflow.runName': name, ...change.tags },
    params: { 'model.steps': '100' },
    stages: [
      { name: 'model', kind: 'train' },
      { name: 'report', kind: 'evaluate' },
    ],
    sweep: null,
    writer: markOf(process.pid),
    ...change,
  };
  const path = join(dir, 'journal.jsonl');
  const journal = openJournal(path);
  journal.append(first);
  return { journal, path, uid, first };
}

export const metric = (name: string, step: number, value: number): Extract<JournalRecord, { kind: 'metric' }> => ({
  kind: 'metric',
  name,
  step,
  value,
  time: 1_700_000_000_000 + step * 10,
});

/** Queries the server directly, without our client. */
export function apiOf(uri: string) {
  const ask = async (path: string, body?: object): Promise<any> => {
    // eslint-disable-line -- the server's JSON
    const response = await fetch(
      `${uri}/api/2.0/mlflow/${path}`,
      body ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {},
    );
    return JSON.parse(await response.text());
  };
  const experimentId = async (name: string): Promise<string> =>
    (await ask(`experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`)).experiment.experiment_id;
  return {
    ask,
    experimentId,
    async experimentTags(name: string): Promise<Record<string, string>> {
      const { experiment } = await ask(`experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`);
      return pairs(experiment.tags);
    },
    async runs(uid: string, experiment = 'tests'): Promise<ServerRun[]> {
      const found = await ask('experiments/get-by-name?experiment_name=' + encodeURIComponent(experiment));
      if (!found.experiment) return [];
      const { runs = [] } = await ask('runs/search', {
        experiment_ids: [found.experiment.experiment_id],
        filter: `tags.run_uid = '${uid}'`,
        max_results: 100,
        run_view_type: 'ALL',
      });
      return runs.map(({ info, data = {} }: any) => ({
        id: info.run_id,
        status: info.status,
        start: info.start_time,
        end: info.end_time,
        lifecycle: info.lifecycle_stage,
        tags: pairs(data.tags),
        params: pairs(data.params),
      }));
    },
    /** `step=value t<time>` of every stored point, sorted as text */
    async history(runId: string, key: string): Promise<string[]> {
      const { metrics = [] } = await ask(
        `metrics/get-history?run_id=${runId}&metric_key=${encodeURIComponent(key)}&max_results=25000`,
      );
      return metrics.map(({ step = 0, value, timestamp }: any) => `${step}=${value} t${timestamp}`).sort();
    },
    async artifact(runId: string, path: string): Promise<string> {
      return (await fetch(`${uri}/get-artifact?run_uuid=${runId}&path=${encodeURIComponent(path)}`)).text();
    },
  };
}

export interface ServerRun {
  id: string;
  status: string;
  start: number;
  end: number | undefined;
  lifecycle: string;
  tags: Record<string, string>;
  params: Record<string, string>;
}

function pairs(list: { key: string; value: string }[] | undefined): Record<string, string> {
  return Object.fromEntries((list ?? []).map(({ key, value }) => [key, value]));
}

/** The points in the format of `history`. */
export const pointTexts = (points: { step: number; value: number; time: number }[]): string[] =>
  points.map(({ step, value, time }) => `${step}=${value} t${time}`).sort();

export interface Proxy {
  uri: string;
  requests: string[];
  close(): void;
}

/**
 * How to treat the n-th request (from 1): `cut-…` drops the connection before or after the server handles it;
 * `instead` is answered with status 200 and does not reach the server.
 */
export type Fault = (n: number, line: string) => 'pass' | 'cut-before' | 'cut-after' | { instead: string };

/**
 * Passes requests to the real server but can break the connection at a chosen moment, which the server itself cannot be
 * made to do.
 */
export function openProxy(targetPort: number, fault: Fault): Promise<Proxy> {
  const requests: string[] = [];
  const server: Server = createServer((incoming, outgoing) => {
    const line = `${incoming.method} ${incoming.url}`;
    requests.push(line);
    const verdict = fault(requests.length, line);
    if (verdict === 'cut-before') return void incoming.socket.destroy();
    if (typeof verdict === 'object') {
      incoming.resume();
      return void incoming.on('end', () => outgoing.end(verdict.instead));
    }
    const onward = request(
      {
        port: targetPort,
        host: '127.0.0.1',
        method: incoming.method,
        path: incoming.url,
        headers: { ...incoming.headers, host: `127.0.0.1:${targetPort}` },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          if (verdict === 'cut-after') return void incoming.socket.destroy();
          outgoing.writeHead(answer.statusCode ?? 500, {
            'content-type': answer.headers['content-type'] ?? 'text/plain',
            'content-length': Buffer.concat(chunks).length,
          });
          outgoing.end(Buffer.concat(chunks));
        });
      },
    );
    onward.on('error', () => incoming.socket.destroy());
    incoming.pipe(onward);
  });
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      done({
        uri: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
        requests,
        close() {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}
