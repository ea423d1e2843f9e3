import { calledAs } from '../../files/called-as.ts';
import { randomBytes } from 'node:crypto';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Listener } from '../../pipeline/events.ts';
import { startProgram } from '../../process/start-program.ts';
import { runNames } from '../../history/run-names.ts';
import { runWord } from '../find/run-word.ts';
import { privateRunsDirectory } from '../runs-directory.ts';
import { coloursFor } from '../screen/style.ts';
import { jsonText } from '../screen/printable.ts';

/** Set for the runner in the background, which reports its first run to the process that started it. */
const DETACHED = 'RUNNER_DETACHED';

/**
 * `run --detach`: the same run, with the words after `run`, in a separate process that survives this terminal. Returns
 * once the run has started or has failed to.
 */
export async function runDetached(words: string[], json: boolean): Promise<number> {
  const dir = join(privateRunsDirectory(), 'detached');
  mkdirSync(dir, { recursive: true });
  const logPath = join(
    dir,
    `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}-${randomBytes(2).toString('hex')}.log`,
  );
  const log = openSync(logPath, 'a');
  const { child, ended } = startProgram(
    process.execPath,
    ['--enable-source-maps', process.argv[1] as string, 'run', ...words],
    { detached: true, stdio: ['ignore', log, log, 'ipc'], env: { ...process.env, [DETACHED]: '1' } },
  );
  const started = await new Promise<{ run: string; dir: string } | { code: number }>((resolve) => {
    child.once('message', (message) => resolve(message as { run: string; dir: string }));
    void ended.then(({ exitCode }) => resolve({ code: exitCode ?? 1 }));
  });
  if ('code' in started) {
    process.stderr.write(readFileSync(logPath, 'utf8'));
    return started.code;
  }
  child.disconnect();
  child.unref();
  if (json) console.log(jsonText({ ...started, pid: child.pid, log: logPath }));
  else for (const line of startedLines(started, child.pid, logPath)) console.log(line);
  return 0;
}

/** In the runner in the background, reports the first run to the process that started it. */
export function reportFirstRun(): Listener {
  return (event) => {
    if (event.kind !== 'run-started' || !process.connected || process.env[DETACHED] !== '1') return;
    process.send?.({ run: event.run, dir: event.dir });
    delete process.env[DETACHED];
  };
}

// ---------------------------------------------------------------------------

function startedLines({ run, dir }: { run: string; dir: string }, pid: number | undefined, logPath: string): string[] {
  const name = runNames(dirname(dir)).of(run);
  const word = runWord({ run, name, dir });
  const near = relative(process.cwd(), logPath);
  const { bold } = coloursFor(process.stdout);
  return [
    `${bold(name)} runs in the background (process ${pid})`,
    `follow:  ${calledAs()} attach ${word}`,
    `stop:    ${calledAs()} stop ${word}`,
    `log:     ${near.startsWith('..') ? logPath : near}`,
  ];
}
