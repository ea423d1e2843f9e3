import { kinds } from '../../../stages/index.ts';
import { runStageHere } from '../../run/executor/stage-process.ts';

/**
 * `runner exec-stage SPEC`: what every executor starts. Exit code 0 done, 1 failed, 3 stopped on request, 4 another
 * process is running the same stage.
 */
export async function execStage({ spec }: { spec: string }): Promise<never> {
  // At once: a stage that was stopped may have abandoned a call that runs for minutes.
  process.exit(await runStageHere(spec, kinds));
}
