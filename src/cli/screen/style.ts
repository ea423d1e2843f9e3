import type { Style } from '../../pipeline/diagnostic/diagnostic.ts';
import { sgr } from './printable.ts';

export type Colours = Style & { green(text: string): string; yellow(text: string): string };

/** Colours only on a terminal and without NO_COLOR. */
export function coloursFor(stream: NodeJS.WriteStream): Colours {
  const on = stream.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  const style = (begin: number, end: number) => (text: string) => (on ? `${sgr(begin)}${text}${sgr(end)}` : text);
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    red: style(31, 39),
    green: style(32, 39),
    yellow: style(33, 39),
    cyan: style(36, 39),
  };
}
