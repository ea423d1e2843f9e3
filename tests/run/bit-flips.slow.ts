import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { finishedStore } from '../kit/finished-run.ts';
import { runRunner, writePipeline } from '../kit/runner.ts';
import type { RunJson } from '../kit/runner.ts';

/** `FLIPS=500 npm run test:slow -- bit-flips` for more. */
const TRIALS = Number(process.env['FLIPS'] ?? 12);

/** Each makes a stage due that reads what another one left: an artifact, or its own interrupted work. */
const CHANGES: [stage: string, sets: string[]][] = [
  ['tokens', ['stages.tokens.params.validation=0.25']],
  ['samples', ['stages.samples.params.maxNewTokens=4']],
  ['report', ['stages.report.params.weights=final']],
  ['model', ['stages.model.params.steps=16']], // resumes the paused training
];

test('one flipped bit anywhere in the store never leads to a wrong result', { timeout: 7_200_000 }, async (context) => {
  const { dir, runs } = await finishedStore(context);
  const file = writePipeline(join(dir, 'tiny.yaml'), './export');
  const [, training] = CHANGES[3]!;
  await runRunner(['run', file, 'model', ...setting(training), '--set=stages.model.runtime.pauseAt=7'], runs);
  const digests = async (runsDir: string, [stage, sets]: (typeof CHANGES)[number]): Promise<string[] | null> => {
    const { code, stdout } = await runRunner(['run', file, stage, ...setting(sets), '--json'], runsDir);
    return code === 0
      ? (JSON.parse(stdout) as RunJson).stages.map(({ name, artifact }) => `${name} ${artifact}`)
      : null;
  };
  const copy = (name: string): string => {
    const to = join(dir, name);
    rmSync(to, { recursive: true, force: true });
    execFileSync('cp', ['-a', runs, to]);
    return to;
  };
  const right = new Map<string, string[]>();
  for (const change of CHANGES) {
    const found = await digests(copy('undamaged'), change);
    assert.ok(found, change[0]);
    right.set(change[0], found);
  }

  let refused = 0;
  for (let trial = 0; trial < TRIALS; trial++) {
    const change = CHANGES[trial % CHANGES.length]!;
    const damaged = copy('damaged');
    const where = flipOneBit(join(damaged, 'store'));
    const found = await digests(damaged, change);
    if (found === null) refused++;
    else assert.deepEqual(found, right.get(change[0]), `trial ${trial}: ${where}, then ${change[0]}`);
  }
  console.error(`${TRIALS} flips: ${TRIALS - refused} right, ${refused} refused`);
});

const setting = (sets: string[]): string[] => sets.map((set) => `--set=${set}`);

/** Restores size, mode and times. Returns what was damaged. */
function flipOneBit(store: string): string {
  const files = readdirSync(store, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => statSync(path).size > 0);
  const path = files[Math.floor(Math.random() * files.length)]!;
  const { atime, mtime, mode } = statSync(path);
  const bytes = readFileSync(path);
  const at = Math.floor(Math.random() * bytes.length);
  const bit = Math.floor(Math.random() * 8);
  bytes[at]! ^= 1 << bit;
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
  chmodSync(path, mode);
  utimesSync(path, atime, mtime);
  return `bit ${bit} of byte ${at} of ${path.slice(store.length + 1)}`;
}
