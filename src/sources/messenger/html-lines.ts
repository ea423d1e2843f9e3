import type { Handler } from 'htmlparser2';

/** Receives the elements and lines of text of a page, in order. */
export interface LineSink {
  open(name: string, attributes: Record<string, string>): void;
  /** `isImplied`: the element was never closed; its parent or the page ended. */
  close(isImplied: boolean): void;
  /** The text up to the next start or end of a block, trimmed, with `\n` for <br>. Never empty. */
  line(text: string): void;
  /** Replaces a line that consists only of a linked web address. */
  link(href: string): void;
  /** The address of an image, video or sound, or of a linked file of the export. */
  file(uri: string): void;
  /** Replaces a line that is too long. */
  tooLong(): void;
}

/** The handler for htmlparser2's Parser. `startsBlock` selects inline elements to be treated as blocks. */
export function htmlLines(
  sink: LineSink,
  startsBlock: (attributes: Record<string, string>) => boolean,
): { handler: Partial<Handler>; isComplete(): boolean } {
  const blocks: boolean[] = [];
  let text = '';
  let link: string | null = null;
  let complete = false;
  /** number of open elements whose text is not part of a message */
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
      ontext(chunk) {
        if (silent === 0 && text.length <= LONGEST_CHARS) text += chunk.replace(/[\t\r\n\f]+/g, ' ');
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
/** Elements with invisible text; that of video and audio is shown only by browsers that cannot play them. */
const SILENT = new Set(['video', 'audio', 'style', 'script', 'title']);
const FILES = new Set(['img', 'video', 'audio', 'source']);
const VOID = new Set(['br', 'img', 'hr', 'input', 'meta', 'link', 'source', 'wbr']);
const INLINE = new Set(['a', 'span', 'b', 'i', 'em', 'strong', 'u', 'font', 'small']);

function isAddress(text: string, link: string): boolean {
  const shown = text.trim();
  return shown !== '' && (shown === link || /^(https?:\/\/|www\.)\S+$/.test(shown));
}
