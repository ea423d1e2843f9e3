import type { StageEvent } from '../../src/pipeline/events.ts';
import { withCommas } from '../../src/numbers/counted.ts';

export interface Progress {
  /** So many texts will be drawn next; how many later, nobody knows. */
  willDraw(texts: number): void;
  /** A text was drawn, of so many tokens. */
  drawn(tokens: number): void;
  /** `done` of `total` texts were read to find out how likely they are. */
  scored(done: number, total: number): void;
}

export function progressReport(emit: (event: StageEvent) => void): Progress {
  const started = performance.now();
  let [done, total, tokens] = [0, 0, 0];
  let shown = 0;
  const report = (event: StageEvent): void => {
    const now = performance.now();
    if (now - shown < 200) return;
    shown = now;
    emit(event);
  };
  return {
    willDraw: (texts) => void (total += texts),
    drawn(more) {
      done++;
      tokens += more;
      const speed = Math.round((tokens * 1000) / (performance.now() - started));
      const note = `writing · ${withCommas(tokens)} tokens · ${withCommas(speed)} tokens/s`;
      report({ kind: 'progress', done, total, unit: 'texts', note });
    },
    scored: (read, all) => report({ kind: 'progress', done: read, total: all, unit: 'texts', note: 'scoring' }),
  };
}
