import { closeSync, openSync, readFileSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes a CSV in the form of Kaggle's Ubuntu Dialogue Corpus, about so many bytes, from #ubuntu logs: runs of 3
 * to 20 messages become dialogues. Each time through the logs everything is a month later and so a dialogue of its own;
 * one in a hundred stands there twice.
 */
export function writeKaggleCsv(
  path: string,
  bytes: number,
  logsDir: string,
): { bytes: number; rows: number; dialogues: number } {
  const messages = readdirSync(logsDir)
    .filter((name) => name.endsWith('.raw.txt'))
    .sort()
    .flatMap((name) =>
      messagesOf(readFileSync(join(logsDir, name), 'utf8'), Date.parse(`${name.slice(0, 10)}T00:00:00Z`)),
    );
  const fd = openSync(path, 'w');
  const made = { bytes: 0, rows: 0, dialogues: 0 };
  const put = (text: string): void => {
    made.bytes += writeSync(fd, text);
  };
  put('folder,dialogueID,date,from,to,text\n');
  let part: string[] = [];
  let partChars = 0;
  let at = 0;
  let later = 0;
  for (let number = 1; made.bytes + partChars < bytes; number++) {
    const length = 3 + ((number * 7919) % 18);
    if (at + length > messages.length) [at, later] = [0, later + 30 * 86_400_000];
    const rows = messages
      .slice(at, at + length)
      .map(
        ({ from, to, time, text }) =>
          `${length},${number}.tsv,${new Date(time + later).toISOString()},${quoted(from)},${quoted(to)},${quoted(text)}\n`,
      );
    at += length;
    const dialogue = rows.join('');
    const copies =
      number % 100 === 0 ? [dialogue, dialogue.replaceAll(`,${number}.tsv,`, `,${number}0.tsv,`)] : [dialogue];
    for (const copy of copies) {
      part.push(copy);
      partChars += copy.length;
      made.rows += length;
      made.dialogues++;
    }
    if (partChars > 1 << 20) {
      put(part.join(''));
      [part, partChars] = [[], 0];
    }
  }
  put(part.join(''));
  closeSync(fd);
  return made;
}

interface LogMessage {
  from: string;
  to: string;
  time: number;
  text: string;
}

function messagesOf(log: string, dayMs: number): LogMessage[] {
  return [...log.matchAll(/^\[(\d\d):(\d\d)\] <([^>]+)> (.+)$/gm)].map(([, hour, minute, from, text]) => {
    const to = /^([\w[\]{}|^`-]+)[:,] /.exec(text!)?.[1] ?? '';
    return { from: from!, to, time: dayMs + (Number(hour) * 60 + Number(minute)) * 60_000, text: text! };
  });
}

/** As Python's csv module does it: only where it must. */
function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
