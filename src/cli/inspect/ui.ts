import { kinds } from '../../../stages/index.ts';
import { runUi } from '../../tracking/server/run-ui.ts';
import { readArguments } from '../verb.ts';
import { watchInterrupts } from '../run/interrupts.ts';
import { runsDirectory } from '../load/load-pipeline.ts';

/** `runner ui`: an MLflow server on 127.0.0.1 with every run in it. */
export async function uiVerb(argv: string[]): Promise<number> {
  const { port } = readArguments('ui', argv, ['port'], [0, 0]);
  const interrupts = watchInterrupts(() => {});
  try {
    await runUi({
      runsDir: runsDirectory(),
      kinds,
      port: port ?? undefined,
      signal: interrupts.stop,
      print: (text) => console.log(text),
    });
    return 0;
  } finally {
    interrupts.close();
  }
}
