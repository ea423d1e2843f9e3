import { englishDate } from '../time/english-date.ts';
import type { LineSink } from './html-lines.ts';
import { PARTICIPANTS, type HtmlFound, type HtmlMessage } from './html-classes.ts';
import type { Carried } from './message.ts';
import { carriedFile } from './record.ts';

/**
 * Finds messages without knowing any class: sender, text and date are the lines of one block, and the sender is one of
 * the participants that the page lists. Lines that belong to no message are reported at the end.
 */
export function messagesByPosition(
  found: (finding: HtmlFound) => void,
): LineSink & { end(): void; knowsParticipants(): boolean } {
  const open: Block[] = [];
  let participants: Set<string> | null = null;
  let messages = 0;
  let linesLeft = 0;

  const add = (text: string): void => {
    const outer = open.at(-1);
    if (outer && outer.lines.length < MOST_LINES) outer.lines.push(text);
    else linesLeft++;
  };
  return {
    knowsParticipants: () => participants !== null,
    open: () => open.push({ lines: [], carries: null }),
    close() {
      const block = open.pop()!;
      const message = participants && blockMessage(block, participants);
      if (message) {
        messages++;
        found({ kind: 'message', message });
        return;
      }
      for (const text of block.lines) add(text);
      const outer = open.at(-1);
      if (outer) outer.carries ??= block.carries;
    },
    line(text) {
      if (participants === null && text.startsWith(PARTICIPANTS))
        participants = new Set(
          text
            .slice(PARTICIPANTS.length)
            .split(/,| and /)
            .map((name) => name.trim()),
        );
      else add(text);
    },
    link: add,
    file(uri) {
      const outer = open.at(-1);
      if (outer) outer.carries ??= carriedFile(uri);
    },
    tooLong: () => linesLeft++,
    end() {
      if (messages > 0)
        for (; linesLeft > 0; linesLeft--) found({ kind: 'lost', reason: 'text that is in no message' });
    },
  };
}

interface Block {
  /** lines inside the block that are not part of a message */
  lines: string[];
  carries: Carried | null;
}

/** A block with more lines is not a message. */
const MOST_LINES = 1000;

function blockMessage({ lines, carries }: Block, participants: Set<string>): HtmlMessage | null {
  if (lines.length < 2 || lines.length >= MOST_LINES || !participants.has(lines[0]!)) return null;
  const dates = lines.map((line) => englishDate(line) !== null);
  // A date before the last line may belong to another message.
  if (dates.indexOf(true) !== lines.length - 1) return null;
  return {
    from: lines[0]!,
    text: lines.slice(1, -1).join('\n'),
    date: lines.at(-1)!,
    carries,
    share: null,
    reactions: [],
  };
}
