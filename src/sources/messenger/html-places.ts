import { englishDate } from '../time/english-date.ts';
import type { LineSink } from './html-lines.ts';
import { PARTICIPANTS, type HtmlFound, type HtmlMessage } from './html-classes.ts';
import type { Carried } from './message.ts';
import { carriedFile } from './record.ts';

/**
 * Finds messages without knowing any class: sender, text and date are the lines of one block, and the sender is one of
 * those whom the page names as its participants. What is left over is told at the end.
 */
export function messagesByPlace(
  found: (one: HtmlFound) => void,
): LineSink & { end(): void; knowsParticipants(): boolean } {
  const open: Block[] = [];
  let participants: Set<string> | null = null;
  let messages = 0;
  let linesLeft = 0;

  const add = (text: string): void => {
    const around = open.at(-1);
    if (around && around.lines.length < MOST_LINES) around.lines.push(text);
    else linesLeft++;
  };
  return {
    knowsParticipants: () => participants !== null,
    open: () => open.push({ lines: [], carries: null }),
    close() {
      const block = open.pop()!;
      const message = participants && messageOf(block, participants);
      if (message) {
        messages++;
        found({ kind: 'message', message });
        return;
      }
      for (const text of block.lines) add(text);
      const around = open.at(-1);
      if (around) around.carries ??= block.carries;
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
      const around = open.at(-1);
      if (around) around.carries ??= carriedFile(uri);
    },
    tooLong: () => linesLeft++,
    end() {
      if (messages > 0)
        for (; linesLeft > 0; linesLeft--) found({ kind: 'lost', reason: 'text that is in no message' });
    },
  };
}

interface Block {
  /** those inside, as far as no message was made of them */
  lines: string[];
  carries: Carried | null;
}

/** More lines than this in one block are no message. */
const MOST_LINES = 1000;

function messageOf({ lines, carries }: Block, participants: Set<string>): HtmlMessage | null {
  if (lines.length < 2 || lines.length >= MOST_LINES || !participants.has(lines[0]!)) return null;
  const dates = lines.map((line) => englishDate(line) !== null);
  // A date in between may be that of another message.
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
