import { dirname } from 'node:path';
import { bestEarlier, heldOutOf } from '../../history/held-out.ts';
import { readPastRun } from '../../history/past-runs.ts';
import { figure } from '../screen/shown-values.ts';

/**
 * What a run has achieved, in a sentence: `held-out loss 3.461 (8.231 before training), perplexity 31.9, 1.620 bits per
 * byte; the best of the earlier runs is comedy-9863 with 3.402`. Null if it measured no held-out loss. `compares`:
 * whether to look for earlier runs, which takes time.
 */
export function resultText(dir: string, compares: boolean): string | null {
  const past = readPastRun(dir);
  const result = past && heldOutOf(past);
  if (!result) return null;
  const { loss, start, perplexity, bitsPerByte } = result;
  const figures = [
    `held-out loss ${figure(loss)}${start === null ? '' : ` (${figure(start)} before training)`}`,
    `perplexity ${figure(perplexity)}`,
    ...(bitsPerByte === null ? [] : [`${figure(bitsPerByte)} bits per byte`]),
  ].join(', ');
  const best = compares ? bestEarlier(dirname(dir), past) : null;
  if (best === null) return figures;
  const other = `${best.past.name}, with ${figure(best.loss)}`;
  if (loss === best.loss) return `${figures}; the same as the best earlier run, ${best.past.name}`;
  return `${figures}; ${loss < best.loss ? `better than the best earlier run, ${other}` : `the best earlier run is ${other}`}`;
}
