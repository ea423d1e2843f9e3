import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { writeBlindTest, type BlindTest } from '../../src/artifacts/questions.ts';
import type { JudgeState } from '../../src/serve/judge/api.ts';
import { makeRun } from '../kit/run-folder.ts';
import { startRunner, type Started } from '../kit/runner.ts';
import { eventually, temporaryDir } from '../kit/temporary.ts';

export interface MadeTest {
  dir: string;
  runsDir: string;
  answersDir: string;
  env: Record<string, string>;
  /** processes that end with the test */
  started: Started[];
}

/** A run `r1` with a finished blind test, and a stage that gives a verdict on the answers in `answersDir`. */
export function runWithTest(context: TestContext, test: BlindTest): MadeTest {
  const dir = temporaryDir(context);
  const [runsDir, answersDir] = [join(dir, 'runs'), join(dir, 'judgements')];
  const made = makeRun(runsDir, {
    run: 'r1',
    results: [{ name: 'test', kind: 'turing' }],
    stages: {
      test: { kind: 'turing' },
      verdict: { kind: 'verdict', inputs: { questions: 'test' }, params: { answers: answersDir, atMost: 0.6 } },
    },
  });
  mkdirSync(join(made, 'made', 'test'), { recursive: true });
  writeBlindTest(join(made, 'made', 'test'), test);
  symlinkSync('../made/test', join(made, 'stages', 'test'));
  const started: Started[] = [];
  context.after(() => started.forEach(({ child }) => child.kill('SIGKILL')));
  return { dir, runsDir, answersDir, env: { XDG_CONFIG_HOME: join(dir, 'config') }, started };
}

export interface Client {
  started: Started;
  address: string;
  key: string;
  ask(path: string, body?: object): Promise<JudgeState & { status: number; raw: string; error?: { message: string } }>;
}

/** The real `runner judge` in a process of its own, and a client that knows its key. */
export async function startJudge({ runsDir, env, started: all }: MadeTest, args: string[] = []): Promise<Client> {
  const started = startRunner(['judge', 'r1', '--judge', 'ann', ...args], runsDir, env);
  all.push(started);
  const found = (): RegExpExecArray | null => /(http:\/\/127\.0\.0\.1:\d+)\/#(\S+)/.exec(started.output());
  await eventually('the address', () => found() !== null || started.child.exitCode !== null, 60_000);
  const [, address = '', key = ''] = found() ?? [];
  if (address === '') throw new Error(started.output());
  return {
    started,
    address,
    key,
    async ask(path, body) {
      const response = await fetch(`${address}${path}`, {
        method: body ? 'POST' : 'GET',
        headers: { Authorization: `Bearer ${key}`, ...(body ? { 'Content-Type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const raw = await response.text();
      return { ...(JSON.parse(raw) as JudgeState), status: response.status, raw };
    },
  };
}

/** Kills the process, as a power cut would, and waits until it is gone. */
export async function kill9({ started }: Client): Promise<void> {
  started.child.kill('SIGKILL');
  await started.ended;
}
