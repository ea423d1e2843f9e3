import { calledAs } from '../../files/called-as.ts';
import { existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { availableMemory } from '../../engine/available-memory.ts';
import { findTensorFlow } from '../../engine/tensorflow/install/install.ts';
import { systemVersions, whyNotInstallable } from '../../engine/tensorflow/install/system.ts';
import { takeInventory, storeBytes } from '../../gc/inventory.ts';
import { listPastRuns } from '../../history/past-runs.ts';
import { counted } from '../../numbers/counted.ts';
import { bytesText } from '../../store/sizes.ts';
import { openStore } from '../../store/store.ts';
import { checkStoreHealth } from '../../store/health.ts';
import { storeLimit } from '../../gc/store-limit.ts';
import { trashBytes } from '../../gc/trash.ts';
import { ownMlflowDir } from '../../tracking/server/mlflow-install.ts';
import { onPath, runProgram } from '../../process/program.ts';
import { seconds } from '../screen/durations.ts';
import { runsDirectoryOrNull } from '../runs-directory.ts';

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

/** In the order in which they are printed, prerequisites first. */
export const checks: Record<string, () => Finding | Promise<Finding>> = {
  node: () => {
    const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
    return major > 20 || (major === 20 && minor >= 19)
      ? ok(process.version)
      : bad(process.version, 'Node.js 20.19 or newer is needed: https://nodejs.org, or nvm install 24');
  },
  processor: () => {
    const flags = /^flags\s*:(.*)$/m.exec(fileText('/proc/cpuinfo'))?.[1]?.split(' ') ?? [];
    const says = `${cpus()[0]?.model.trim() ?? process.arch}, ${availableParallelism()} cores${flags.length ? `, ${['avx512f', 'avx2', 'avx'].find((flag) => flags.includes(flag)) ?? 'no AVX'}` : ''}`;
    return flags.length && !flags.includes('avx')
      ? bad(
          says,
          'TensorFlow needs AVX: use another machine, or set engine: tfjs in train, sample and evaluate stages (slow)',
        )
      : ok(says);
  },
  memory: () => {
    const free = availableMemory();
    const says = `${bytesText(totalmem())}${free === null ? '' : `, ${bytesText(free)} available`}`;
    return free !== null && free < 2e9
      ? warn(
          says,
          'close other programs: a small model takes 2 GB, 355M about 10 GB; each training estimates its memory before it starts',
        )
      : ok(says);
  },
  disk: () => {
    const dir = existingFolder(runsDir());
    const { bavail, bsize, ffree, files } = statfsSync(dir);
    const free = bavail * bsize;
    const says = `${bytesText(free)} free on the disk of ${runsDir()}`;
    if (files > 0 && ffree === 0)
      return bad(`${says}, but no free inodes`, `delete files; ${calledAs()} gc lists which results can be deleted`);
    if (free < 1e9) return bad(says, `${calledAs()} gc lists what can be deleted; a checkpoint of 355M takes 4 GB`);
    return free < 10e9 ? warn(says, `enough for small models; ${calledAs()} gc lists what can be deleted`) : ok(says);
  },
  clock: () => {
    const newest = Math.max(0, ...listPastRuns(runsDir()).map(({ startedMs }) => startedMs));
    if (newest > Date.now() + 60_000)
      return warn(
        `the newest run started ${seconds((newest - Date.now()) / 1000)} in the future: the clock was set back`,
        'set the clock; nothing is lost, but some files may be hashed again, and lists may be out of order',
      );
    return Date.now() < Date.UTC(2025, 0, 1)
      ? warn(
          `this machine's clock says that it is ${new Date().getFullYear()}`,
          'set the clock: otherwise downloads fail, because certificates seem invalid',
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
          'TensorFlow and MLflow are installed with pip: apt install python3 python3-venv python3-pip, or brew install python on macOS',
        );
  },
  tensorflow: async () => {
    const found = findTensorFlow();
    const why = found ? null : whyNotInstallable(process, 'cpu', await systemVersions());
    if (why !== null) return bad('not installed', why);
    if (!found) return warn('not installed yet', `the first training installs it; to do it now: ${calledAs()} setup`);
    // In a separate process: loading a library built for another processor can crash it.
    const probe = await runProgram(process.execPath, [process.argv[1]!, 'doctor-tensorflow', found.dir], {
      env: process.env,
      timeoutMs: 120_000,
    });
    if (probe.exitCode === 0) return ok(`${probe.stdout.trim()} in ${found.dir}`);
    return bad(
      `cannot be loaded from ${found.dir} (${probe.signal ?? `exit code ${probe.exitCode}`}) ${lastLine(probe.stderr)}`.trim(),
      `delete ${found.dir} and run ${calledAs()} setup, or set engine: tfjs`,
    );
  },
  mlflow: () => {
    const installDir = ownMlflowDir();
    if (existsSync(join(installDir, 'DONE'))) return ok(`in ${installDir}`);
    const path = onPath('mlflow', process.env);
    return path
      ? ok(path)
      : warn('not installed yet', `${calledAs()} ui installs it; to do it now: ${calledAs()} setup mlflow`);
  },
  store: () => {
    const dir = join(runsDir(), 'store');
    if (!existsSync(dir)) return ok('none yet; the first run creates it');
    const store = openStore(dir);
    if (store.unwritable !== null)
      return warn(
        `read-only (${store.unwritable})`,
        `cached results can be used; to run other stages, make ${dir} writable or set RUNNER_RUNS`,
      );
    const { entries, broken } = checkStoreHealth(store);
    const bytes = storeBytes(takeInventory(store, runsDir(), {}));
    const limit = storeLimit();
    const trash = trashBytes(store);
    const says = `${counted(entries, 'result')}, ${bytesText(bytes)}${limit === null ? '' : ` of ${bytesText(limit)}`}${trash ? `, ${bytesText(trash)} in the trash` : ''}`;
    if (broken.length)
      return warn(
        `${says}; ${counted(broken.length, 'result is', 'results are')} incomplete, so those stages would run again`,
        `${calledAs()} verify lists them, --repair moves them to the trash`,
      );
    if (limit !== null && bytes > limit)
      return warn(says, `${calledAs()} gc --max-size ${bytesText(limit).replace(' ', '')}  lists what can be deleted`);
    return trash > 1e9 ? warn(says, `${calledAs()} gc --empty-trash frees it`) : ok(says);
  },
  'stale work': () => {
    const dir = join(runsDir(), 'store');
    if (!existsSync(dir)) return ok('none');
    const { works, activeKeys } = takeInventory(openStore(dir), runsDir(), {});
    const dead = works.filter(({ key }) => !activeKeys.has(key));
    const bytes = dead.reduce((total, work) => total + work.bytes, 0);
    const says = dead.length
      ? `${counted(dead.length, 'unfinished attempt')} (${[...new Set(dead.map(({ stage }) => stage))].slice(0, 4).join(', ')}), ${bytesText(bytes)}`
      : 'none';
    return bytes > 10e9
      ? warn(says, `run their pipelines again to resume them, or delete them: ${calledAs()} gc --older-than 7d`)
      : ok(says);
  },
};

// ---------------------------------------------------------------------------

/** Outside a project, where it would be if this folder became one. */
const runsDir = (): string => runsDirectoryOrNull() ?? resolve('runs');

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
const fileText = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** The folder itself, or its nearest parent that exists. */
function existingFolder(dir: string): string {
  return statSync(dir, { throwIfNoEntry: false })?.isDirectory() || dirname(dir) === dir
    ? dir
    : existingFolder(dirname(dir));
}
