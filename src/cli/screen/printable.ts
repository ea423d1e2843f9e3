/**
 * The one way of text to the terminal. File names, samples, prompts and messages of programs come from strangers and
 * may contain sequences that write the clipboard, hide text or reverse its order. So every control character is shown
 * as a sign, except our own colours: they carry a number that no text can know, which is removed at the last moment.
 */

/** Begins a colour or style of ours. */
export const sgr = (code: number): string => `\x1b[${code};${MARK}m`;

/** A text in which control characters and marks of direction are visible. Line ends, tabs and our colours stay. */
export function printable(text: string): string {
  return text.replace(OWN_OR_CONTROL, (found) => (found.length > 1 ? found : signOf(found)));
}

/** As `printable`, ready to be written. */
export const shown = (text: string): string => printable(text).replaceAll(`;${MARK}m`, 'm');

/** JSON that keeps every character, but has those that `printable` would replace as escapes. */
export function jsonText(value: unknown, indent?: number, replacer?: (key: string, value: unknown) => unknown): string {
  return JSON.stringify(value, replacer, indent).replace(
    /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** From now on, whatever is written to the stream is `shown`. */
export function guard(stream: NodeJS.WriteStream): void {
  const write = stream.write.bind(stream);
  unguarded.set(stream, write);
  stream.write = (chunk: string | Uint8Array, ...rest: []) =>
    write(typeof chunk === 'string' ? shown(chunk) : chunk, ...rest);
}

/** Writes our own control sequences, such as those that move the cursor; `text` follows them, as shown. */
export function writeAfter(stream: NodeJS.WriteStream, controls: string, text: string): void {
  const write = unguarded.get(stream) ?? ((all: string) => stream.write(all));
  write(controls + shown(text));
}

/**
 * The same stream for an editor of lines, which moves the cursor by control sequences. Whoever uses it makes texts that
 * are not of the keyboard `printable`.
 */
export function editable(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  const write = unguarded.get(stream);
  return write === undefined ? stream : (Object.create(stream, { write: { value: write } }) as NodeJS.WriteStream);
}

// ---------------------------------------------------------------------------

/** Different in each process. */
const MARK = String(100_000_000 + Math.floor(Math.random() * 900_000_000));

/** C0 without tab and line feed, DEL, C1, and the characters that begin lines or change the direction of text. */
const OWN_OR_CONTROL = new RegExp(
  `\\x1b\\[\\d+;${MARK}m|[\\0-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u206f]`,
  'g',
);

const unguarded = new WeakMap<NodeJS.WriteStream, (text: string) => unknown>();

function signOf(control: string): string {
  const code = control.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\uFFFD';
}
