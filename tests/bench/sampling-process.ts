import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../../src/files/project-root.ts';
import { median } from './median.ts';

interface Shape {
  layers: number;
  heads: number;
  width: number;
  context: number;
  batchSize: number;
  prompt: number;
  newTokens: number;
}

/** The loop of `npm run bench sample`, in a process of its own, for texts with different prompts. */
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
  const child = spawn(process.execPath, [script, '--serve', JSON.stringify(given)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const speed = async (): Promise<number> => {
    child.stdin.write('1\n');
    const { seconds, tokens } = JSON.parse((await answers.next()).value as string) as {
      seconds: number[];
      tokens: number;
    };
    return tokens / median(seconds);
  };
  await speed(); // compiles
  return { speed, end: () => child.stdin.end() };
}
