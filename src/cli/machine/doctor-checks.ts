import { existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { availableMemory } from '../../engine/available-memory.ts';
import { findTensorFlow } from '../../engine/tensorflow/install/install.ts';
import { takeInventory, storeBytes } from '../../gc/inventory.ts';
import { listPastRuns } from '../../history/past-runs.ts';
import { bytesText } from '../../store/sizes.ts';
import { openStore } from '../../store/store.ts';
import { checkStoreHealth } from '../../store/health.ts';
import { storeLimit } from '../../gc/store-limit.ts';
import { trashBytes } from '../../gc/trash.ts';
import { ownMlflowDir } from '../../tracking/server/mlflow-install.ts';
import { onPath, runProgram } from '../../process/program.ts';
import { clock } from '../screen/durations.ts';
import { runsDirectory } from '../runs-directory.ts';

/** One line of `doctor`. */
export interface Finding {
  state: 'ok' | 'warn' | 'bad';
  says: string;
  /** what to do; null if nothing */
  todo: string | null;
}

const ok = (says: string): Finding => ({ state: 'ok', says, todo: null });
const warn = (says: string, todo: string | null): Finding => ({ state: 'warn', says, todo });
export const bad = (says: string, todo: string | null): Finding => ({ state: 'bad', says, todo });

/** In the order in which they are shown: what is needed first comes first. */
export const checks: Record<string, () => Finding | Promise<Finding>> = {
  node: () => {
    const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
    return major > 20 || (major === 20 && minor >= 19)
      ? ok(process.version)
      : bad(process.version, 'Node.js 20.19 or newer is needed: https://nodejs.org, or nvm install 24');
  },
  processor: () => {
    const flags = /^flags\s*:(.*)$/m.exec(textOf('/proc/cpuinfo'))?.[1]?.split(' ') ?? [];
    const says = `${cpus()[0]?.model.trim() ?? process.arch}, ${availableParallelism()} cores${flags.length ? `, ${['avx512f', 'avx2', 'avx'].find((flag) => flags.includes(flag)) ?? 'no AVX'}` : ''}`;
    return flags.length && !flags.includes('avx')
      ? bad(
          says,
          'TensorFlow’s builds need AVX: set engine: tfjs in train, sample and evaluate, which is slow, or use another machine',
        )
      : ok(says);
  },
  memory: () => {
    const free = availableMemory();
    const says = `${bytesText(totalmem())}${free === null ? '' : `, ${bytesText(free)} to be had`}`;
    return free !== null && free < 2e9
      ? warn(
          says,
          'end something else: a small model takes 2 GB, 355M about 10 GB; a training says what it will need before it starts',
        )
      : ok(says);
  },
  disk: () => {
    const dir = nearest(runsDirectory());
    const { bavail, bsize, ffree, files } = statfsSync(dir);
    const free = bavail * bsize;
    const says = `${bytesText(free)} free where ${runsDirectory()} lies`;
    if (files > 0 && ffree === 0)
      return bad(`${says}, but no inode is`, 'remove files; ./runner gc says which of ours could go');
    if (free < 1e9) return bad(says, './runner gc says what could go; a checkpoint of 355M takes 4 GB');
    return free < 10e9 ? warn(says, 'enough for small models; ./runner gc says what could go') : ok(says);
  },
  clock: () => {
    const newest = Math.max(0, ...listPastRuns(runsDirectory()).map(({ startedMs }) => startedMs));
    if (newest > Date.now() + 60_000)
      return warn(
        `the newest run began ${clock(newest - Date.now())} from now: the clock was set back`,
        'set the clock; nothing is lost, but files written since may be read again, and lists are out of order',
      );
    return Date.now() < Date.UTC(2025, 0, 1)
      ? warn(
          `it is ${new Date().getFullYear()}, says this machine`,
          'set the clock: downloads check certificates by it',
        )
      : ok(new Date().toISOString().slice(0, 19).replace('T', ' '));
  },
  python: async () => {
    const path = onPath('python3', process.env);
    const version = path
      ? (await runProgram(path, ['--version'], { env: process.env, timeoutMs: 10_000 })).stdout.trim()
      : '';
    return version
      ? ok(version)
      : warn(
          'no python3 on the PATH',
          'TensorFlow and MLflow come through pip, once: apt install python3 python3-venv python3-pip',
        );
  },
  tensorflow: async () => {
    const found = findTensorFlow();
    if (!found) return warn('not installed yet', 'the first training installs it; or now: ./runner setup');
    // In a process of its own: a library that does not fit the machine kills the one that loads it.
    const probe = await runProgram(process.execPath, [process.argv[1]!, 'doctor-tensorflow', found.dir], {
      env: process.env,
      timeoutMs: 120_000,
    });
    if (probe.exitCode === 0) return ok(`${probe.stdout.trim()} loads, from ${found.dir}`);
    return bad(
      `does not load from ${found.dir} (${probe.signal ?? `exit code ${probe.exitCode}`}) ${lastLine(probe.stderr)}`.trim(),
      `remove ${found.dir} and run ./runner setup; or set engine: tfjs`,
    );
  },
  mlflow: () => {
    const own = ownMlflowDir();
    if (existsSync(join(own, 'DONE'))) return ok(`in ${own}`);
    const path = onPath('mlflow', process.env);
    return path
      ? ok(path)
      : warn('not installed yet', 'only ./runner ui needs it and installs it; or now: ./runner setup mlflow');
  },
  store: () => {
    const dir = join(runsDirectory(), 'store');
    if (!existsSync(dir)) return ok('none yet: the first run makes it');
    const store = openStore(dir);
    if (store.unwritable !== null)
      return warn(
        `can only be read (${store.unwritable})`,
        `cached stages run; for others make ${dir} writable, or set RUNNER_RUNS`,
      );
    const { entries, broken } = checkStoreHealth(store);
    const bytes = storeBytes(takeInventory(store, runsDirectory(), {}));
    const limit = storeLimit();
    const trash = trashBytes(store);
    const says = `${entries} entries, ${bytesText(bytes)}${limit === null ? '' : ` of ${bytesText(limit)}`}${trash ? `, ${bytesText(trash)} in the trash` : ''}`;
    if (broken.length)
      return warn(
        `${says}; ${broken.length} entries are not whole, their stages are due`,
        './runner verify says which, --repair puts them away',
      );
    if (limit !== null && bytes > limit)
      return warn(says, `./runner gc --max-size ${bytesText(limit).replace(' ', '')}  says what could go`);
    return trash > 1e9 ? warn(says, './runner gc --empty-trash frees it') : ok(says);
  },
  'stale work': () => {
    const dir = join(runsDirectory(), 'store');
    if (!existsSync(dir)) return ok('none');
    const { works, activeKeys } = takeInventory(openStore(dir), runsDirectory(), {});
    const dead = works.filter(({ key }) => !activeKeys.has(key));
    const bytes = dead.reduce((total, work) => total + work.bytes, 0);
    const says = dead.length
      ? `${dead.length} unfinished attempts (${[...new Set(dead.map(({ stage }) => stage))].slice(0, 4).join(', ')}), ${bytesText(bytes)}`
      : 'none';
    return bytes > 10e9
      ? warn(says, 'run their pipelines to go on from them, or ./runner gc --older-than 7d')
      : ok(says);
  },
};

// ---------------------------------------------------------------------------

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
const textOf = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** The folder itself, or the nearest above it that is there. */
function nearest(dir: string): string {
  return statSync(dir, { throwIfNoEntry: false })?.isDirectory() || dirname(dir) === dir ? dir : nearest(dirname(dir));
}
