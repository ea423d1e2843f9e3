import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { ensureExperiment } from '../../src/tracking/mlflow/experiment.ts';
import { openMlflow } from '../../src/tracking/mlflow/client.ts';
import { assertNothingIsLost } from './foreign-answers.ts';

test('an answer that is not from MLflow never counts as received', () =>
  assertNothingIsLost(['', 'null', '<html>log in</html>']));

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
