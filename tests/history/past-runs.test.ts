import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { artifactsOf, findPastRun, frozenYaml, journalPathOf, listPastRuns } from '../../src/history/past-runs.ts';
import { temporaryDir } from '../kit/temporary.ts';

const digest = 'a'.repeat(64);

function runFolder(runsDir: string, run: string, record: unknown, yaml: string | null = 'name: p\n'): string {
  const dir = join(runsDir, run);
  mkdirSync(join(dir, 'stages'), { recursive: true });
  if (record !== undefined)
    writeFileSync(join(dir, 'run.json'), typeof record === 'string' ? record : JSON.stringify(record));
  if (yaml !== null) writeFileSync(join(dir, 'pipeline.yaml'), yaml);
  return dir;
}

const record = (run: string, started: string) => ({
  record: 'run/1',
  run,
  runUid: 'u',
  pipeline: 'p',
  started,
  finished: null,
  ok: null,
  sweep: null,
  stages: [{ name: 'chat', kind: 'ingest', outcome: 'ran', key: 'k', artifact: digest, seconds: 1 }],
});

test('lists runs, newest first, says what is wrong with damaged ones, and ignores other folders', (context) => {
  const runsDir = temporaryDir(context);
  assert.deepEqual(listPastRuns(join(runsDir, 'none')), []);
  const old = runFolder(
    runsDir,
    '20250101-000000-p-aaaa',
    record('20250101-000000-p-aaaa', '2025-01-01T00:00:00.000Z'),
  );
  runFolder(runsDir, 'renamed', record('20250301-000000-p-bbbb', '2025-03-01T00:00:00.000Z'));
  runFolder(runsDir, '20250201-000000-p-cccc', '{"record":"run/1","ru');
  runFolder(runsDir, '20250202-000000-p-dddd', undefined);
  runFolder(runsDir, '20250203-000000-p-eeee', record('x', '2025-02-03T00:00:00.000Z'), null);
  runFolder(runsDir, '20250204-000000-p-ffff', '[]');
  mkdirSync(join(runsDir, 'store', 'keys'), { recursive: true });
  mkdirSync(join(runsDir, 'mlflow'));
  writeFileSync(join(runsDir, 'notes.txt'), '');
  symlinkSync('20250101-000000-p-aaaa', join(runsDir, 'latest'));
  symlinkSync(`../../store/artifacts/${digest}`, join(old, 'stages', 'tokens'));

  const runs = listPastRuns(runsDir);
  assert.deepEqual(
    runs.map(({ run, trouble }) => `${run} ${trouble ?? 'whole'}`),
    [
      'renamed whole',
      '20250204-000000-p-ffff run.json is damaged',
      '20250203-000000-p-eeee pipeline.yaml is missing',
      '20250202-000000-p-dddd run.json is missing: the run died as it started, or its files were deleted',
      '20250201-000000-p-cccc run.json is damaged',
      '20250101-000000-p-aaaa whole',
    ],
  );
  const first = runs.at(-1)!;
  assert.equal(frozenYaml(first), 'name: p\n');
  assert.equal(journalPathOf(first), join(old, 'journal.jsonl'));
  assert.deepEqual(
    [...artifactsOf(first)],
    [
      ['tokens', digest],
      ['chat', digest],
    ],
  );

  const found = (name: string) => [findPastRun(runsDir, name)].flat().map(({ run }) => run);
  assert.deepEqual(found('latest'), ['20250101-000000-p-aaaa']);
  assert.deepEqual(found('dddd'), ['20250202-000000-p-dddd']);
  assert.deepEqual(found(join(runsDir, 'renamed')), ['renamed']);
  assert.equal(found('p-').length, 5);
  assert.deepEqual(found('nothing'), []);
  rmSync(join(runsDir, 'latest'));
  assert.deepEqual(found('latest'), ['renamed'], 'the newest, if the link is missing');
  rmSync(old, { recursive: true });
  assert.equal(frozenYaml(first), null);
  assert.deepEqual([...artifactsOf(first)].length, 1);
});
