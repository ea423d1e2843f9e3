import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { openMlflow } from '../../src/tracking/mlflow/client.ts';
import { dataSetsOf } from '../../src/tracking/journal/data-sets.ts';
import { syncJournal } from '../../src/tracking/send/sync.ts';
import { ownMlflowDir } from '../../src/tracking/server/mlflow-install.ts';
import type { MlflowServer } from '../../src/tracking/server/mlflow-server.ts';
import { kinds } from '../../stages/index.ts';
import { apiOf, newRun, newRunsDir, startRealMlflow } from './real-mlflow.ts';

let server: MlflowServer & { dir: string };
let api: ReturnType<typeof apiOf>;

before(async () => {
  server = await startRealMlflow();
  api = apiOf(server.uri);
});

after(() => server.stop());

const result = (name: string, kind: string, artifact: string) => ({
  name,
  kind,
  artifact,
  outcome: 'ran' as const,
  key: null,
  seconds: 1,
});

/** An artifact's folder with these files. */
function folder(files: Record<string, string>): string {
  const dir = mkdtempSync(join(tmpdir(), 'data-'));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(dir, file), text);
  return dir;
}

const conversations = folder({
  'conversations.jsonl': '{"id":"inbox/ann_17","messages":[]}\n',
  'report.json': '{"conversations":2,"messages":40,"people":3,"dropped":{"photo":1}}',
});
const tokens = folder({
  'index.json': JSON.stringify({
    format: 'chat-runner/tokens/3',
    speakers: ['Ann'],
    splits: {
      train: { tokens: 900, bytes: 3000, documents: 9 },
      validation: { tokens: 100, bytes: 300, documents: 1 },
      test: { tokens: 0, bytes: 0, documents: 0 },
    },
  }),
});

test('conversations and each split of tokens are inputs of the run, as MLflow’s own client reads them', async () => {
  const { journal, path, uid } = newRun(newRunsDir());
  const records = [
    ...dataSetsOf(result('chat', 'ingest', 'a'.repeat(64)), conversations),
    ...dataSetsOf(result('tokens', 'tokenize', 'b'.repeat(64)), tokens),
    ...dataSetsOf(result('model', 'train', 'c'.repeat(64)), folder({ 'report.json': '{}' })),
  ];
  for (const record of [...records, ...records]) journal.append(record);
  journal.append({ kind: 'end', status: 'FINISHED', time: 1_700_000_001_000 });
  journal.close();
  await syncJournal(openMlflow(server.uri), path, { kinds, warn: assert.fail });
  const [run] = await api.runs(uid);
  assert.doesNotMatch(JSON.stringify(await api.ask(`runs/get?run_id=${run!.id}`)), /Ann|inbox|ann_17/);
  const script = `
import json, mlflow, sys
run = mlflow.get_run(sys.argv[1])
print(json.dumps([[i.dataset.name, i.dataset.digest, i.tags[0].value, json.loads(i.dataset.profile),
  mlflow.data.get_source(i.dataset).to_dict()['tags'], len(json.loads(i.dataset.schema)['mlflow_colspec'])]
  for i in run.inputs.dataset_inputs]))`;
  const python = join(ownMlflowDir(), 'bin', 'python');
  const env = { ...process.env, MLFLOW_TRACKING_URI: server.uri };
  const read = execFileSync(python, ['-c', script, run!.id], { encoding: 'utf8', env, cwd: dirname(path) });
  const byName = (JSON.parse(read) as [string][]).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const ofTokens = { stage: 'tokens', kind: 'tokenize' };
  assert.deepEqual(byName, [
    [
      'chat',
      'a'.repeat(32),
      'source',
      { conversations: 2, messages: 40, people: 3, sha256: 'a'.repeat(64) },
      { stage: 'chat', kind: 'ingest' },
      3,
    ],
    [
      'tokens/train',
      'b'.repeat(32),
      'training',
      { tokens: 900, documents: 9, bytes: 3000, sha256: 'b'.repeat(64) },
      ofTokens,
      1,
    ],
    [
      'tokens/validation',
      'b'.repeat(32),
      'validation',
      { tokens: 100, documents: 1, bytes: 300, sha256: 'b'.repeat(64) },
      ofTokens,
      1,
    ],
  ]);
});
