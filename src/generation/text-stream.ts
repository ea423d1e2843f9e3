import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { heldText } from './held-text.ts';

/** Turns tokens into text as they arrive. No character is split, and nothing is ever taken back. */
export interface TextStream {
  /** The text that this token settles; '' while it may still be part of a character or of a stop string. */
  add(id: number): string;
  /** The same for bytes, such as those of a part of a token. */
  addBytes(bytes: Uint8Array): string;
  /** What was held back, if the text did not end at a stop string. Incomplete characters are left out. */
  rest(): string;
}

/** `stop`: strings that end the text and are not part of it. */
export function textStream({ bytesOf }: Tokenizer, stop: string[] = []): TextStream {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const held = heldText(stop);
  let incomplete = '';
  const addBytes = (bytes: Uint8Array): string => {
    const text = incomplete + decoder.decode(bytes, { stream: true });
    const end = /\uFFFD+$/.exec(text)?.index ?? text.length;
    incomplete = text.slice(end);
    return held.add(text.slice(0, end));
  };
  return {
    add: (id) => addBytes(bytesOf(id)),
    addBytes,
    rest: () => held.rest(),
  };
}
