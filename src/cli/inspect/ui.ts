import { kinds } from '../../../stages/index.ts';
import { runUi } from '../../tracking/server/run-ui.ts';
import { watchInterrupts } from '../run/interrupts.ts';
import { privateRunsDirectory } from '../runs-directory.ts';

/** `runner ui`: an MLflow server on 127.0.0.1 with every run in it. */
export async function serveUi({ port }: { port: number | null }): Promise<number> {
  const interrupts = watchInterrupts(() => {});
  try {
    await runUi({
      runsDir: privateRunsDirectory(),
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
