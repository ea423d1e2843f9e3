import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { withLock } from '../../src/process/lock.ts';
import { projectRoot } from '../../src/files/project-root.ts';
import { runJson, writeExport, writePipeline } from './runner.ts';
import type { RunJson } from './runner.ts';
import { temporaryDir } from './temporary.ts';

export interface FinishedRun {
  /** The test's own folder: `export`, `tiny.yaml` and `runs`. */
  dir: string;
  file: string;
  runs: string;
  /** What `run --json` printed when the pipeline first ran; its `dir` is in the test's copy. */
  first: RunJson;
}

/** A finished run of the tiny pipeline. It runs only once for all test files; each test gets a copy. */
export async function finishedRun(context: TestContext): Promise<FinishedRun> {
  const made = await makeOnce();
  const dir = join(temporaryDir(context), 'tiny');
  execFileSync('cp', ['-a', made, dir]);
  const runs = join(dir, 'runs');
  const first = JSON.parse(readFileSync(join(dir, 'first.json'), 'utf8')) as RunJson;
  return { dir, file: join(dir, 'tiny.yaml'), runs, first: { ...first, dir: join(runs, first.run) } };
}

/** Only the store of that run: its stages are cached, but there is no run in `runs`. */
export async function finishedStore(context: TestContext): Promise<{ dir: string; runs: string }> {
  const { dir, runs, first } = await finishedRun(context);
  for (const path of [first.dir, join(runs, 'latest')]) rmSync(path, { recursive: true });
  return { dir, runs };
}

async function makeOnce(): Promise<string> {
  // The name contains the build time, so that another build does not use this build's run.
  const built = statSync(join(projectRoot(), 'dist', 'cli.js')).mtimeMs;
  const path = join(tmpdir(), `finished-run-${built}`);
  await withLock(`${path}.lock`, async () => {
    if (existsSync(path)) return;
    const dir = `${path}.${process.pid}`;
    mkdirSync(dir);
    writeExport(join(dir, 'export'));
    const file = writePipeline(join(dir, 'tiny.yaml'), './export');
    writeFileSync(join(dir, 'first.json'), JSON.stringify(await runJson([file], join(dir, 'runs'))));
    renameSync(dir, path);
  });
  return path;
}
