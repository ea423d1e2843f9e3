import type { StageEvent } from '../../src/pipeline/events.ts';
import { withCommas } from '../../src/numbers/counted.ts';
import type { Progress } from './test.ts';

export function progressReport(emit: (event: StageEvent) => void): Progress {
  let texts = 0;
  let tokens = 0;
  let shown = 0;
  const report = (event: StageEvent): void => {
    const now = performance.now();
    if (now - shown < 200) return;
    shown = now;
    emit(event);
  };
  return {
    drawn(more) {
      texts++;
      tokens += more;
      report({ kind: 'progress', done: texts, total: texts, unit: 'texts', note: `${withCommas(tokens)} tokens` });
    },
    scored: (done) => report({ kind: 'progress', done, total: done, unit: 'texts', note: 'read' }),
  };
}
