import type { Handler } from 'htmlparser2';

/** Receives a page as elements and lines of text, in their order. */
export interface LineSink {
  open(name: string, attributes: Record<string, string>): void;
  /** `isImplied`: it was never closed, the page or its parent just ended */
  close(isImplied: boolean): void;
  /** Text up to where a block begins or ends, trimmed; `\n` where a <br> stood. Never empty. */
  line(text: string): void;
  /** Instead of a line: text that is nothing but an address of the web, and a link to it. */
  link(href: string): void;
  /** the address of a picture, film or sound, or of a file of the export that is linked */
  file(uri: string): void;
  /** Instead of a line that is too long. */
  tooLong(): void;
}

/** The handler for htmlparser2's Parser. `startsBlock` says of inline elements which ones are to be taken for blocks. */
export function htmlLines(
  sink: LineSink,
  startsBlock: (attributes: Record<string, string>) => boolean,
): { handler: Partial<Handler>; isComplete(): boolean } {
  const blocks: boolean[] = [];
  let text = '';
  let link: string | null = null;
  let complete = false;
  /** open elements whose text nobody wrote */
  let silent = 0;
  const flush = (): void => {
    const line = text.replace(/[\t\r\n\f ]*\n[\t\r\n\f ]*/g, '\n').trim();
    const isLong = text.length > LONGEST_CHARS;
    text = '';
    if (isLong) sink.tooLong();
    else if (line !== '') sink.line(line);
  };
  const closeLink = (): void => {
    if (link !== null && isAddress(text, link)) {
      sink.link(link);
      text = '';
    }
    link = null;
  };
  return {
    isComplete: () => complete,
    handler: {
      onopentag(name, attributes) {
        if (FILES.has(name)) sink.file(attributes['src'] ?? (name === 'audio' ? '/audio/' : '/videos/'));
        if (name === 'br') text += '\n';
        if (VOID.has(name)) return;
        const isBlock = !INLINE.has(name) || startsBlock(attributes);
        if (isBlock) flush();
        if (SILENT.has(name)) silent++;
        blocks.push(isBlock);
        sink.open(name, attributes);
        const href = name === 'a' ? (attributes['href'] ?? '') : '';
        if (/^https?:/.test(href)) link = href;
        else if (href !== '') sink.file(href);
      },
      ontext(piece) {
        if (silent === 0 && text.length <= LONGEST_CHARS) text += piece.replace(/[\t\r\n\f]+/g, ' ');
      },
      onclosetag(name, isImplied) {
        if (VOID.has(name)) return;
        if (name === 'a') closeLink();
        if (blocks.pop()) flush();
        if (SILENT.has(name)) silent--;
        complete ||= !isImplied && (name === 'body' || name === 'html');
        sink.close(isImplied);
      },
      onend: flush,
    },
  };
}

const LONGEST_CHARS = 16 * 2 ** 20;
/** Beside what is on no page: what is shown only where a film cannot be. */
const SILENT = new Set(['video', 'audio', 'style', 'script', 'title']);
const FILES = new Set(['img', 'video', 'audio', 'source']);
const VOID = new Set(['br', 'img', 'hr', 'input', 'meta', 'link', 'source', 'wbr']);
const INLINE = new Set(['a', 'span', 'b', 'i', 'em', 'strong', 'u', 'font', 'small']);

function isAddress(text: string, link: string): boolean {
  const shown = text.trim();
  return shown !== '' && (shown === link || /^(https?:\/\/|www\.)\S+$/.test(shown));
}
