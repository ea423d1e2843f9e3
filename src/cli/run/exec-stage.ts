import { kinds } from '../../../stages/index.ts';
import { runStageHere } from '../../run/executor/stage-process.ts';
import { readArguments } from '../verb.ts';

/**
 * `runner exec-stage SPEC`: what every executor starts. Exit code 0 done, 1 failed, 3 stopped on request, 4 another
 * process works at the same key.
 */
export async function execStageVerb(argv: string[]): Promise<number> {
  const { positionals } = readArguments('exec-stage', argv, [], [1, 1]);
  return runStageHere(positionals[0] as string, kinds);
}
