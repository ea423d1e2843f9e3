import { randomBytes } from 'node:crypto';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Listener } from '../../pipeline/events.ts';
import { startProgram } from '../../process/start-program.ts';
import { runsDirectory } from '../runs-directory.ts';
import { coloursFor } from '../screen/style.ts';

/** Marks the runner that works in the background: it tells its starter which run it began. */
const DETACHED = 'RUNNER_DETACHED';

/**
 * `run --detach`: the same run, with the words after `run`, in a process of its own that survives this terminal.
 * Returns once it has started, or failed to.
 */
export async function runDetached(words: string[], json: boolean): Promise<number> {
  const dir = join(runsDirectory(), 'detached');
  mkdirSync(dir, { recursive: true });
  const logPath = join(
    dir,
    `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}-${randomBytes(2).toString('hex')}.log`,
  );
  const log = openSync(logPath, 'a');
  const { child, ended } = await startProgram(
    process.execPath,
    ['--enable-source-maps', process.argv[1] as string, 'run', ...words],
    { detached: true, stdio: ['ignore', log, log, 'ipc'], env: { ...process.env, [DETACHED]: '1' } },
  );
  const begun = await new Promise<{ run: string; dir: string } | { code: number }>((resolve) => {
    child.once('message', (message) => resolve(message as { run: string; dir: string }));
    void ended.then(({ exitCode }) => resolve({ code: exitCode ?? 1 }));
  });
  if ('code' in begun) {
    process.stderr.write(readFileSync(logPath, 'utf8'));
    return begun.code;
  }
  child.disconnect();
  child.unref();
  if (json) console.log(JSON.stringify({ ...begun, pid: child.pid, log: logPath }));
  else for (const line of begunLines(begun.run, child.pid, logPath)) console.log(line);
  return 0;
}

/** In the runner in the background, tells the starter of the first run. */
export function tellStarter(): Listener {
  return (event) => {
    if (event.kind !== 'run-started' || !process.connected || process.env[DETACHED] !== '1') return;
    process.send?.({ run: event.run, dir: event.dir });
    delete process.env[DETACHED];
  };
}

// ---------------------------------------------------------------------------

function begunLines(run: string, pid: number | undefined, logPath: string): string[] {
  const near = relative(process.cwd(), logPath);
  const { bold } = coloursFor(process.stdout);
  return [
    `${bold(run)} runs in the background (process ${pid})`,
    `look on:  ./runner attach ${run}`,
    `stop it:  ./runner stop ${run}`,
    `its log:  ${near.startsWith('..') ? logPath : near}`,
  ];
}
