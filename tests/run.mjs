// Builds the selected test files, installs what they need, and runs them. See `tests/run.sh` for the selection.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { run } from 'node:test';
import { buildTests, testEntryPoints } from './build-tests.mjs';
import { report, summarize } from './report.mjs';

/** A test file that imports one of these computes with TensorFlow, or starts the command line, which does. */
const COMPUTING = /^src\/engine\/tensorflow\/|^tests\/kit\/runner\.ts$/;
const MLFLOW = /^tests\/tracking\/real-mlflow\.ts$/;

const slow = process.argv[2] === '--slow';
const names = process.argv.slice(slow ? 3 : 2);

/** A file that takes this long is stuck, and would keep the others from being reported. Some take hours if asked to. */
const HANGS_AFTER_MS = (slow && names.length > 0 ? 240 : 20) * 60_000;

const everything = testEntryPoints();
const files = everything.filter(
  (path) =>
    path.endsWith(slow ? '.slow.ts' : '.test.ts') && (names.length === 0 || names.some((name) => path.includes(name))),
);
if (files.length === 0) {
  console.error(`no test file has ${names.map((name) => JSON.stringify(name)).join(' or ')} in its path`);
  process.exit(2);
}
const processes = everything.filter((path) => path.endsWith('.process.ts') && !/^tests\/(large|soak)\//.test(path));
const { inputs } = await buildTests([...files, ...processes]);

const reaching = new Map(files.map((file) => [file, modulesLoadedBy(file)]));
const reaches = (file, pattern) => reaching.get(file).some((path) => pattern.test(path));
const needsMlflow = (file) => reaches(file, MLFLOW);
const computing = files
  .filter((file) => reaches(file, COMPUTING) || needsMlflow(file))
  .sort((a, b) => needsMlflow(b) - needsMlflow(a)); // a server is slow to start: start it first, compute meanwhile
if (computing.length > 0) setUp(computing.some(needsMlflow) ? ['mlflow'] : []);

// A computing file uses all cores but sometimes waits for disks, servers and processes. Three at a time fill each
// other's pauses; more would only slow one another down.
const groups = [
  { files: files.filter((file) => !computing.includes(file)), concurrency: availableParallelism() },
  { files: computing, concurrency: 3 },
];
for (const { files: group, concurrency } of groups)
  for await (const event of run({ files: group.map(builtPath), concurrency, timeout: HANGS_AFTER_MS })) report(event);
process.exitCode = summarize(files.length);

/** All modules loaded with this file. Contracts of stage kinds refer to all stages but load one only when it runs. */
function modulesLoadedBy(file) {
  const reached = new Set([file]);
  for (const path of reached)
    for (const { path: next, kind } of inputs[path]?.imports ?? []) if (kind !== 'dynamic-import') reached.add(next);
  return [...reached];
}

function setUp(what) {
  const { status } = spawnSync(process.execPath, ['dist/cli.js', 'setup', ...what], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}

function builtPath(file) {
  return `dist/${file.slice(0, -3)}.js`;
}
