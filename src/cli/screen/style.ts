import pc from 'picocolors';
import type { Style } from '../../pipeline/diagnostic/diagnostic.ts';

export type Colours = Style & { green(text: string): string; yellow(text: string): string };

/** Colour only on a terminal; NO_COLOR honoured. */
export function coloursFor(stream: NodeJS.WriteStream): Colours {
  const on = stream.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  return pc.createColors(on);
}
