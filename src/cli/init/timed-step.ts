import { runProgram } from '../../process/program.ts';
import type { Json } from '../../pipeline/yaml/tree.ts';
import type { StepTime } from './time-step.ts';

/** Times a training step with these params in a process of its own; null if it fails or takes too long. */
export async function timedStep(params: { [key: string]: Json }): Promise<StepTime | null> {
  const { exitCode, stdout } = await runProgram(
    process.execPath,
    [process.argv[1]!, 'time-step', JSON.stringify(params)],
    { env: process.env, timeoutMs: LONGEST_MS },
  );
  return exitCode === 0 ? (JSON.parse(stdout) as StepTime) : null;
}

/** A step that takes longer than this with its compilation is too slow for any evening. */
const LONGEST_MS = 180_000;
