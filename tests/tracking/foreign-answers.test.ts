/** Something between us and the MLflow server answers in its place: a login page, a broken gateway, another program. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { ensureExperiment } from '../../src/tracking/mlflow/experiment.ts';
import { MlflowError } from '../../src/tracking/mlflow/error.ts';
import { openMlflow } from '../../src/tracking/mlflow/client.ts';
import { syncJournal } from '../../src/tracking/send/sync.ts';
import type { MlflowServer } from '../../src/tracking/server/mlflow-server.ts';
import { kinds } from '../../stages/index.ts';
import { apiOf, metric, newRun, newRunsDir, openProxy, pointTexts, startRealMlflow } from './real-mlflow.ts';

const runsDir = newRunsDir();
let server: MlflowServer;
before(async () => (server = await startRealMlflow()));
after(() => server.stop());

const answers = ['', ' ', 'null', '[]', '"ok"', 'true', '{"status":"ok"}', '{"runs":[{}]}', '<html>log in</html>', '{'];

test('an answer that is not from MLflow never counts as received', async () => {
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
});

test('an answer that never ends is cut off', async (context) => {
  const chunk = Buffer.alloc(1 << 20, ' ');
  for (const status of [200, 500]) {
    let sent = 0;
    const endless = createServer((_, outgoing) => {
      outgoing.writeHead(status, { 'content-type': 'application/json' });
      const more = (): void => {
        while (!outgoing.destroyed && outgoing.write(chunk)) sent += chunk.length;
        sent += chunk.length;
      };
      outgoing.on('drain', more);
      more();
    });
    await new Promise<void>((done) => endless.listen(0, '127.0.0.1', done));
    context.after(() => endless.close());
    const uri = `http://127.0.0.1:${(endless.address() as AddressInfo).port}`;
    const client = openMlflow(uri, { env: { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' } });
    await assert.rejects(ensureExperiment(client, 'x'), /answered with more than 32 MB/);
    assert.ok(sent < 200 << 20, `${sent} bytes`);
  }
});
