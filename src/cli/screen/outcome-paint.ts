import type { RunOutcome } from '../../history/read-run.ts';
import type { Colours } from './style.ts';

/** How each outcome of a run is coloured. */
export const outcomePaint = (colours: Colours): Record<RunOutcome, (text: string) => string> => ({
  done: colours.green,
  paused: colours.cyan,
  failed: colours.red,
  died: colours.red,
  stopped: colours.yellow,
  running: colours.cyan,
  unknown: colours.dim,
});
