/**
 * `npm run bench mlflow-sync -- [RUNS]`: how long it takes to send runs of 100 points and 50 params, 1,000 of them by
 * default, to a local MLflow server with SQLite and one worker. The goal is two minutes for 1,000.
 */
import { metric, newRun, newRunsDir, startRealMlflow } from '../tracking/real-mlflow.ts';
import { syncJournals } from '../../src/tracking/send/sync.ts';
import { kinds } from '../../stages/index.ts';

const runs = Number(process.argv[2] ?? 1000);
const runsDir = newRunsDir();
const params = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`model.param${i}`, String(i)]));
for (let i = 0; i < runs; i++) {
  const { journal } = newRun(runsDir, { params });
  for (let step = 1; step <= 100; step++) journal.append(metric('train/loss', step, 9 / step + i));
  journal.append({ kind: 'end', status: 'FINISHED', time: 1_700_000_009_000 });
  journal.close();
}
const server = await startRealMlflow();
const began = performance.now();
const outcome = await syncJournals({ runsDir, uri: server.uri, kinds, warn: console.error, scope: 'all', env: {} });
const seconds = (performance.now() - began) / 1000;
console.log(
  `${outcome.sent} of ${runs} runs in ${seconds.toFixed(1)} s, ${((1000 * seconds) / runs).toFixed(0)} ms for each`,
);
await server.stop();
