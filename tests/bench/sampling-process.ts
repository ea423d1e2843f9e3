import { spawn, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../../src/files/project-root.ts';
import { median } from './median.ts';

/** Of each run, and the tokens of one. */
export interface Answer {
  seconds: number[];
  tokens: number;
}

export function speedOf({ seconds, tokens }: Answer): number {
  return tokens / median(seconds);
}

/** A long-running process that writes texts as often as it is asked to. */
export function startSampler([program, ...args]: string[]): {
  child: ChildProcess;
  ask(runs: number): Promise<Answer>;
} {
  const child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr = (stderr + text.toString()).slice(-2000)));
  child.stdin.on('error', () => {});
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (runs: number): Promise<Answer> => {
    child.stdin.write(`${runs}\n`);
    const { value, done } = await answers.next();
    if (done) throw new Error(stderr.trim().split('\n').at(-1) || `${program} exited`);
    return JSON.parse(value) as Answer;
  };
  return { child, ask };
}

interface Shape {
  layers: number;
  heads: number;
  width: number;
  context: number;
  batchSize: number;
  prompt: number;
  newTokens: number;
}

/** The loop of `npm run bench sample`, for texts with different prompts. */
export async function startSampling(shape: Shape): Promise<{ speed(): Promise<number>; end(): void }> {
  const given = {
    ...shape,
    vocabularySize: 50257,
    temperature: 0.9,
    topK: 0,
    onePrompt: false,
    precision: 'fp32',
    threads: availableParallelism(),
  };
  const script = join(projectRoot(), 'dist', 'tests', 'bench', 'sample.js');
  const { child, ask } = startSampler([process.execPath, script, '--serve', JSON.stringify(given)]);
  const speed = async (): Promise<number> => speedOf(await ask(1));
  await speed(); // compiles
  return { speed, end: () => child.stdin!.end() };
}
