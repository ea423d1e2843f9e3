import type { Tokenizer } from '../tokenizer/tokenizer.ts';

/** Turns tokens into text as they arrive. No character is split, and nothing is ever taken back. */
export interface TextStream {
  /** The text that this token settles; '' while it may still be part of a character or of a stop string. */
  add(id: number): string;
  /** What was held back, if the text did not end at a stop string. Incomplete characters are left out. */
  rest(): string;
}

/** `stop`: strings that end the text and are not part of it. */
export function textStream({ bytesOf }: Tokenizer, stop: string[] = []): TextStream {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let held = '';
  return {
    add(id) {
      held += decoder.decode(bytesOf(id), { stream: true });
      const settled = held.slice(0, settledLength(held, stop));
      held = held.slice(settled.length);
      return settled;
    },
    rest: () => held.replace(/\uFFFD+$/, ''),
  };
}

// ---------------------------------------------------------------------------

/** The length of the text before what may become a stop string, or is an incomplete character at the end. */
function settledLength(text: string, stop: string[]): number {
  const whole = /\uFFFD+$/.exec(text)?.index ?? text.length;
  return Math.min(whole, ...stop.map((string) => beginOf(string, text)));
}

/** Where a stop string begins in the text, all of it or as much as fits; the text's length if it does not. */
function beginOf(stop: string, text: string): number {
  const found = text.indexOf(stop);
  if (found >= 0) return found;
  for (let length = Math.min(stop.length - 1, text.length); length > 0; length--)
    if (text.endsWith(stop.slice(0, length))) return text.length - length;
  return text.length;
}
