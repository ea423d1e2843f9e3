/** Something between us and the MLflow server answers in its place: a login page, a broken gateway, another program. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MlflowError } from '../../src/tracking/mlflow/error.ts';
import { openMlflow } from '../../src/tracking/mlflow/client.ts';
import { syncJournal } from '../../src/tracking/send/sync.ts';
import { kinds } from '../../stages/index.ts';
import { apiOf, metric, newRun, newRunsDir, openProxy, pointTexts, startRealMlflow } from './real-mlflow.ts';

/** Sends a run to a real server; each answer comes first on every route, and then every third time. */
export async function assertNothingIsLost(answers: string[]): Promise<void> {
  const runsDir = newRunsDir();
  const server = await startRealMlflow();
  try {
    for (const [index, instead] of answers.entries()) {
      const experiment = `foreign-${index}`;
      const { journal, path, uid } = newRun(runsDir, { experiment });
      const points = Array.from({ length: 1200 }, (_, step) => metric('train/loss', step + 1, step / 7));
      for (const point of points) journal.append(point);
      writeFileSync(join(dirname(path), 'report.md'), 'text');
      journal.append({ kind: 'artifact', path: 'report.md', file: 'report.md' });
      journal.append({ kind: 'tag', key: 'stage.model', value: 'ran' });
      journal.append({ kind: 'end', status: 'FINISHED', time: 1_700_000_001_000 });
      journal.close();
      // the first request to every route, and every third one
      const seen = new Set<string>();
      const proxy = await openProxy(server.port, (n, line) => {
        const route = line.replace(/\?.*/, '');
        const isFirst = !seen.has(route);
        seen.add(route);
        return isFirst || n % 3 === 0 ? { instead } : 'pass';
      });
      const client = openMlflow(proxy.uri, { env: { MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '0' } });
      const warnings: string[] = [];
      let failures = 0;
      for (let state = ''; state !== 'idle';)
        try {
          state = await syncJournal(client, path, { kinds, warn: (text) => warnings.push(text) });
        } catch (error) {
          assert.ok(error instanceof MlflowError && /where MLflow returns JSON/.test(error.message), String(error));
          assert.ok(++failures < 30, 'it makes progress');
        }
      proxy.close();
      assert.deepEqual(warnings, []);
      const api = apiOf(server.uri);
      const runs = await api.runs(uid, experiment);
      assert.deepEqual(
        runs.map(({ status, tags, params }) => [status, tags['stage.model'], params['model.steps']]),
        [['FINISHED', 'ran', '100']],
        instead,
      );
      assert.deepEqual(await api.history(runs[0]?.id ?? '', 'train/loss'), pointTexts(points), instead);
      assert.equal(await api.artifact(runs[0]?.id ?? '', 'report.md'), 'text');
    }
  } finally {
    await server.stop();
  }
}
