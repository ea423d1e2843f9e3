import { dirname } from 'node:path';
import { runNames } from '../../history/run-names.ts';
import { runProgram } from '../../process/program.ts';
import { seconds } from '../screen/durations.ts';
import type { ProjectSettings } from '../project/project.ts';
import { resultText } from './result-text.ts';
import type { RunSummary } from './run-point.ts';

interface Ended {
  runs: RunSummary[];
  ok: boolean;
  tookSeconds: number;
}

const TIMEOUT_MS = 20_000;

/**
 * Tells people that a run has ended, as `notify` in `runner.yaml` says. Tells them nothing if everything was cached.
 * Returns why that was not possible, or null.
 */
export async function notify(how: ProjectSettings['notify'], ended: Ended): Promise<string | null> {
  const stages = ended.runs.flatMap(({ stages }) => stages);
  if (how === undefined || stages.every(({ outcome }) => outcome === 'cached')) return null;
  const text = textOf(ended);
  const [program = '', ...args] =
    how === 'desktop' ? desktop(text) : how.map((word) => word.replaceAll('{text}', text));
  const { exitCode, signal, error, stderr } = await runProgram(program, args, {
    env: process.env,
    timeoutMs: TIMEOUT_MS,
  });
  if (exitCode === 0) return null;
  const why =
    error?.code === 'ENOENT'
      ? 'it is not on the PATH'
      : (stderr.trim().split('\n').at(-1) ?? '') || (signal ?? `it exited with ${exitCode}`);
  return `no notification: ${program}: ${why}`;
}

// ---------------------------------------------------------------------------

/** `comedy-9863 is done after 6 min 2 s: held-out loss 3.461 (10.819 before training), …` */
function textOf({ runs, ok, tookSeconds }: Ended): string {
  const last = runs.at(-1);
  const name = last ? runNames(dirname(last.dir)).of(last.run) : 'a run';
  const what = runs.length > 1 ? `${runs.length} runs are` : `${name} is`;
  const result = last && runs.length === 1 ? resultText(last.dir, false) : null;
  return `${what} ${ok ? 'done' : 'not done'} after ${seconds(tookSeconds)}${ok && result !== null ? `: ${result}` : ''}`;
}

const desktop = (text: string): string[] =>
  process.platform === 'darwin'
    ? ['osascript', '-e', `display notification ${JSON.stringify(text)} with title "chat-runner"`]
    : ['notify-send', 'chat-runner', text];
