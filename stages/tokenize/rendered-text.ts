import type { Stretches } from '../../src/lm/token-labels.ts';

/** The UTF-8 bytes of a document as it is rendered, and the stretches of one label in them. Used again for each document. */
export interface RenderedText extends Stretches {
  bytes: Uint8Array;
  length: number;
}

export const newRenderedText = (): RenderedText => ({ bytes: new Uint8Array(1 << 16), length: 0, ends: [], labels: [] });

export function clear(text: RenderedText): void {
  text.length = text.ends.length = text.labels.length = 0;
}

/** A surrogate without its partner becomes U+FFFD. */
export function put(text: RenderedText, piece: string, label: number): void {
  if (piece.length === 0) return;
  if (text.length + piece.length * 3 > text.bytes.length) grow(text, text.length + piece.length * 3);
  const { bytes } = text;
  let at = text.length;
  let i = 0;
  // Most pieces are short and ASCII: a call of the encoder costs more than the loop.
  const loop = piece.length <= SHORT ? piece.length : 0;
  for (; i < loop; i++) {
    const unit = piece.charCodeAt(i);
    if (unit >= 0x80) break;
    bytes[at++] = unit;
  }
  if (i < piece.length) at += encoder.encodeInto(i === 0 ? piece : piece.slice(i), bytes.subarray(at)).written;
  text.length = at;
  const last = text.labels.length - 1;
  if (text.labels[last] === label) text.ends[last] = at;
  else {
    text.ends.push(at);
    text.labels.push(label);
  }
}

const SHORT = 48;
const encoder = new TextEncoder();

function grow(text: RenderedText, needed: number): void {
  const larger = new Uint8Array(Math.max(needed, text.bytes.length * 2));
  larger.set(text.bytes.subarray(0, text.length));
  text.bytes = larger;
}
