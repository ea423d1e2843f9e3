import { kinds } from '../../stages/index.ts';
import type { StageKind } from '../../stages/define-stage.ts';
import { runStageHere } from '../run/run-stage-here.ts';
import { readArguments } from './arguments.ts';

/** `runner exec-stage SPEC`: what every executor starts. Exit code 0 done, 1 failed, 3 stopped on request. */
export async function execStageVerb(argv: string[]): Promise<number> {
  const { positionals } = readArguments('exec-stage', argv, [], [1, 1]);
  return runStageHere(positionals[0] as string, (kind, call) => {
    const stage = (kinds as unknown as Record<string, StageKind>)[kind];
    if (!stage) throw new Error(`no stage kind "${kind}"`);
    return stage.run(call);
  });
}
