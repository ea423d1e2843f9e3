/**
 * `npm run bench runner`: measures the runner's own overhead, and compares a run in which nothing is due with DVC,
 * Snakemake, wireit and Turborepo.
 *
 * npm run bench runner -- --stages 50 --files 10000 --gigabytes 20 --rounds 7 [--no-peers]
 *
 * The competitors take turns, so that other load on the machine affects them equally. Each figure is the median of its
 * rounds; each ratio is the median of the rounds' ratios. The files are sparse: they are read and hashed like any
 * others but take no space.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../../src/files/project-root.ts';
import { hashFiles } from '../../src/store/sources/hash-files.ts';
import { makeRun } from '../kit/run-folder.ts';
import { median } from './median.ts';
import { installedPeers } from './runner-peers.ts';
import type { Peer } from './runner-peers.ts';

const { values: options } = parseArgs({
  options: {
    stages: { type: 'string', default: '50' },
    files: { type: 'string', default: '10000' },
    gigabytes: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '7' },
    'no-peers': { type: 'boolean', default: false },
  },
});
const [stages, files, gigabytes, rounds] = [options.stages, options.files, options.gigabytes, options.rounds].map(
  Number,
) as [number, number, number, number];
const say = (text: string): void => console.error(text);
/** With npm's variables, a competitor would mistake this project for its own. */
const outsideNpm = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
const ms = (value: number): string => (value < 10_000 ? `${value.toFixed(0)} ms` : `${(value / 1000).toFixed(1)} s`);

const dir = mkdtempSync(join(tmpdir(), 'runner-bench-'));
try {
  await main();
} finally {
  rmSync(dir, { recursive: true, force: true });
}

async function main(): Promise<void> {
  startingUp();
  listing();
  planning();
  overhead();
  await hashing();
  nothingDue();
}

function runner(...args: string[]): [string, ...string[]] {
  return [process.execPath, join(projectRoot(), 'dist', 'cli.js'), ...args];
}

function time([program, ...args]: [string, ...string[]], cwd = dir, env: Record<string, string> = {}): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(program, args, {
    cwd,
    env: { ...outsideNpm, RUNNER_RUNS: join(dir, 'runs'), NO_COLOR: '1', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} exited with ${status}: ${stderr.slice(-2000)}`);
  return performance.now() - began;
}

function timed(what: string, command: [string, ...string[]], bar: string): number {
  const taken = median(Array.from({ length: rounds }, () => time(command)));
  console.log(`${what.padEnd(48)} ${ms(taken).padStart(9)}  ${bar}`);
  return taken;
}

function startingUp(): void {
  timed('node -e 0', [process.execPath, '-e', '0'], '');
  timed('runner help', runner('help'), 'bar: 80 ms');
}

/** Every run has a curve. `ls` has listed them before, as it has when somebody has so many. */
function listing(): void {
  const runs = join(dir, 'many-runs');
  for (let n = 0; n < 5000; n++) {
    const startedMs = Date.UTC(2026, 0, 1) + n * 60_000;
    const metrics = Array.from({ length: 20 }, (_, step) => ({
      name: 'eval/loss',
      step,
      value: 5 - step / 10,
      time: step,
    }));
    makeRun(runs, {
      run: `20260101-${String(n).padStart(6, '0')}-chats-${n.toString(16).padStart(4, '0')}`,
      startedMs,
      metrics,
    });
  }
  const ls = [...runner('ls'), '--limit', '20'] as [string, ...string[]];
  const list = (): number => time(ls, dir, { RUNNER_RUNS: runs });
  const first = list();
  const taken = median(Array.from({ length: rounds }, list));
  console.log(`${'ls of 5,000 runs'.padEnd(48)} ${ms(taken).padStart(9)}  bar: 300 ms (the first time ${ms(first)})`);
  rmSync(runs, { recursive: true });
}

/** Writes a pipeline of stages that echo a number; if `chained`, each reads the output of the one before it. */
function pipeline(name: string, count: number, more: { sweep?: number; chained?: boolean } = {}): string {
  const lines = Array.from({ length: count }, (_, n) => {
    const isChained = more.chained === true && n > 0;
    return `  s${n}: { kind: command, ${isChained ? `inputs: { before: s${n - 1} }, ` : ''}params: { argv: [sh, -c, 'echo $1 > $0/out.txt', '{out}', '${n}'${isChained ? ", '{in:before}'" : ''}] } }`;
  });
  const sweep = more.sweep
    ? `sweep:\n  stages.s0.params.argv: [${Array.from({ length: more.sweep }, (_, n) => `[sh, -c, 'echo ${n}', '{out}']`).join(', ')}]\n`
    : '';
  const path = join(dir, `${name}.yaml`);
  writeFileSync(path, `name: ${name}\nstages:\n${lines.join('\n')}\n${sweep}`);
  return path;
}

function planning(): void {
  const growth = [100, 1000, 10_000].map((count) =>
    timed(
      `plan of ${count} stages`,
      runner('plan', pipeline(`plan-${count}`, count)),
      count === 1000 ? 'bar: 500 ms' : '',
    ),
  );
  const base = median(Array.from({ length: rounds }, () => time(runner('plan', pipeline('plan-1', 1)))));
  const perStage = growth.map((taken, index) => (taken - base) / [100, 1000, 10_000][index]!);
  console.log(
    `${'  per additional stage'.padEnd(48)} ${perStage.map((value) => `${value.toFixed(3)} ms`).join(', ')}  linear if constant`,
  );
  timed('plan of a sweep of 1000 points', runner('plan', pipeline('sweep', 2, { sweep: 1000 })), 'bar: 1500 ms');
}

function overhead(): void {
  const path = pipeline('overhead', 20, { chained: true });
  const first = time(runner('run', path, '--jobs', '1'));
  const again = time(runner('run', path, '--jobs', '1'));
  console.log(
    `${'overhead per stage that runs (20 in a chain)'.padEnd(48)} ${ms((first - again) / 20).padStart(9)}  bar: 120 ms`,
  );
}

function sparse(path: string, bytes: number): { path: string; bytes: number } {
  closeSync(openSync(path, 'w'));
  truncateSync(path, bytes);
  return { path, bytes };
}

async function hashing(): Promise<void> {
  for (const [what, count, bytes] of [
    ['8 files of 256 MB', 8, 256e6],
    ['one file of 2 GB', 1, 2e9],
  ] as const) {
    const all = Array.from({ length: count }, (_, n) => sparse(join(dir, `hash-${n}`), bytes));
    await hashFiles(all); // fill the page cache, so that the disk is not measured
    const began = performance.now();
    await hashFiles(all);
    const seconds = (performance.now() - began) / 1000;
    console.log(
      `${`hashing ${what}`.padEnd(48)} ${((count * bytes) / 1e9 / seconds).toFixed(2).padStart(4)} GB/s  bar: 1 GB/s`,
    );
  }
}

function nothingDue(): void {
  const root = join(dir, 'graph');
  say(`\n${stages} stages over ${files} files, ${gigabytes} GB; after one run of each competitor, nothing is due`);
  for (let n = 0; n < stages; n++) {
    mkdirSync(join(root, 'packages', `s${n}`, 'data'), { recursive: true });
    for (let f = 0; f < files / stages; f++)
      sparse(join(root, 'packages', `s${n}`, 'data', `f${f}.bin`), Math.floor((gigabytes * 1e9) / files) + f);
  }
  const lines = Array.from(
    { length: stages },
    (_, n) =>
      `  s${n}: { kind: command, params: { argv: [sh, -c, 'echo ${n} > $0/out.txt', '{out}'], data: [${join(root, 'packages', `s${n}`, 'data')}] } }`,
  );
  const ours: Peer = {
    name: 'this runner',
    prepare: () => writeFileSync(join(root, 'ours.yaml'), `name: ours\nstages:\n${lines.join('\n')}\n`),
    command: runner('run', join(root, 'ours.yaml')),
  };
  const competitors = [ours, ...(options['no-peers'] ? [] : installedPeers(say))].filter((peer) =>
    runsOnce(peer, root),
  );
  const times = new Map(competitors.map((peer) => [peer, [] as number[]]));
  for (let round = 0; round < rounds; round++)
    for (const peer of competitors) times.get(peer)!.push(time(peer.command, root, peer.env));
  console.log(`\nnothing due: ${stages} stages, ${files} files, ${gigabytes} GB  (bar: 250 ms)`);
  for (const [peer, taken] of times)
    console.log(
      `  ${peer.name.padEnd(14)} ${ms(median(taken)).padStart(9)}  ${median(taken.map((value, round) => value / times.get(ours)![round]!)).toFixed(1)} ×`,
    );
}

function runsOnce(peer: Peer, root: string): boolean {
  try {
    peer.prepare(root, stages);
    say(`  ${peer.name}: first run ${ms(time(peer.command, root, peer.env))}`);
    return true;
  } catch (error) {
    say(`  ${peer.name} cannot run this graph here and is skipped: ${(error as Error).message.slice(-400)}`);
    return false;
  }
}
