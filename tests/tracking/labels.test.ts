import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { after, before, test } from 'node:test';
import { openMlflow } from '../../src/tracking/mlflow/client.ts';
import { pullLabels } from '../../src/tracking/send/pull-labels.ts';
import { markSent, readSent } from '../../src/tracking/send/sent.ts';
import { syncJournal, syncJournals } from '../../src/tracking/send/sync.ts';
import { readLabels, writeLabels } from '../../src/tracking/labels/labels.ts';
import type { MlflowServer } from '../../src/tracking/server/mlflow-server.ts';
import { kinds } from '../../stages/index.ts';
import { apiOf, newRun, newRunsDir, startRealMlflow } from './real-mlflow.ts';

const warnings: string[] = [];
const warn = (text: string): void => void warnings.push(text);
let server: MlflowServer & { dir: string };
let api: ReturnType<typeof apiOf>;

before(async () => {
  server = await startRealMlflow();
  api = apiOf(server.uri);
});

after(() => server.stop());

/** A finished run with labels, and how the server and the disk have it. */
function labelledRun() {
  const runsDir = newRunsDir();
  const { journal, path, uid } = newRun(runsDir);
  const dir = dirname(path);
  journal.append({ kind: 'end', status: 'FINISHED', time: 1_700_000_001_000 });
  journal.close();
  writeLabels(dir, { description: 'A lower rate.', tags: { draft: '', rate: 'low' }, notes: ['from the file'] });
  const client = openMlflow(server.uri);
  return {
    runsDir,
    dir,
    path,
    client,
    send: () => syncJournal(client, path, { kinds, warn }),
    pull: () => pullLabels(client, runsDir, warn),
    here: () => readLabels(dir),
    async there() {
      const run = (await api.runs(uid))[0]!;
      const { draft, rate, mine, stage, 'mlflow.note.content': note } = run.tags;
      return { id: run.id, draft, rate, mine, stage, note };
    },
    set: async (key: string, value: string) =>
      api.ask('runs/set-tag', { run_id: (await api.runs(uid))[0]!.id, key, value }),
    remove: async (key: string) => api.ask('runs/delete-tag', { run_id: (await api.runs(uid))[0]!.id, key }),
  };
}

test('description, tags and notes of a run are in MLflow, and later changes follow', async () => {
  const run = labelledRun();
  await run.send();
  const note = 'A lower rate.\n\n### Notes\n\n- from the file';
  const { id, ...there } = await run.there();
  assert.deepEqual(there, { draft: '', rate: 'low', mine: undefined, stage: undefined, note });
  writeLabels(run.dir, { ...run.here(), tags: { rate: 'high' }, notes: [] });
  const outcome = await syncJournals({ runsDir: run.runsDir, uri: server.uri, kinds, warn, scope: 'wanted' });
  assert.deepEqual(outcome, { sent: 1, left: 0, unreachable: null });
  assert.deepEqual(await run.there(), { ...there, id, draft: undefined, rate: 'high', note: 'A lower rate.' });
  const again = await syncJournals({ runsDir: run.runsDir, uri: server.uri, kinds, warn, scope: 'wanted' });
  assert.equal(again.sent, 0);
});

test('what a person changes in MLflow is kept, and comes back', async () => {
  const run = labelledRun();
  await run.send();
  await run.set('mine', 'yes');
  await run.set('mlflow.note.content', 'Looks good.\n\n### Notes\n\n- from the page');
  await run.remove('draft');
  writeLabels(run.dir, { ...run.here(), tags: { ...run.here().tags, rate: 'high' } });
  await run.pull();
  assert.deepEqual(run.here(), {
    description: 'Looks good.',
    tags: { mine: 'yes', rate: 'high' },
    notes: ['from the page'],
  });
  const { mine, rate, draft } = await run.there();
  assert.deepEqual({ mine, rate, draft }, { mine: 'yes', rate: 'high', draft: undefined });
  await run.set('rate', 'middle');
  writeLabels(run.dir, { ...run.here(), tags: { ...run.here().tags, rate: 'low' } });
  await run.send();
  assert.equal(run.here().tags['rate'], 'middle', 'both sides have changed it');
});

test('a name that a person gave a run in MLflow is kept when its journal is sent again', async () => {
  const run = labelledRun();
  await run.send();
  await run.set('mlflow.runName', 'the good one');
  const { servers, wanted } = readSent(run.path);
  assert.equal(wanted.length, 0);
  for (const [name, mark] of Object.entries(servers)) markSent(run.path, name, { ...mark, offset: 0, closed: false });
  await run.send();
  const { id } = await run.there();
  assert.equal((await api.ask(`runs/get?run_id=${id}`)).run.info.run_name, 'the good one');
});

test('tags that MLflow cannot have, or that name a run, are not sent, once with a warning', async () => {
  const run = labelledRun();
  writeLabels(run.dir, { description: null, tags: { 'stage.x': '1', 'odd#name': '2', fine: '' }, notes: [] });
  warnings.splice(0);
  await run.send();
  await run.pull();
  assert.deepEqual(run.here().tags, { 'stage.x': '1', 'odd#name': '2', fine: '' });
  assert.deepEqual(warnings.toSorted(), [
    'the tag "odd#name" is not sent to MLflow, which has another use for such a name',
    'the tag "stage.x" is not sent to MLflow, which has another use for such a name',
  ]);
});
