import { closeSync, openSync, readFileSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes a CSV of about `bytes` bytes in the format of Kaggle's Ubuntu Dialogue Corpus, from #ubuntu logs: runs of 3 to
 * 20 messages become dialogues. With every pass through the logs, all times are a month later, so the dialogues differ.
 * One dialogue in a hundred is written twice.
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
  const written = { bytes: 0, rows: 0, dialogues: 0 };
  const put = (text: string): void => {
    written.bytes += writeSync(fd, text);
  };
  put('folder,dialogueID,date,from,to,text\n');
  let part: string[] = [];
  let partChars = 0;
  let position = 0;
  let later = 0;
  for (let number = 1; written.bytes + partChars < bytes; number++) {
    const length = 3 + ((number * 7919) % 18);
    if (position + length > messages.length) [position, later] = [0, later + 30 * 86_400_000];
    const rows = messages
      .slice(position, position + length)
      .map(
        ({ from, to, time, text }) =>
          `${length},${number}.tsv,${new Date(time + later).toISOString()},${quoted(from)},${quoted(to)},${quoted(text)}\n`,
      );
    position += length;
    const dialogue = rows.join('');
    const copies =
      number % 100 === 0 ? [dialogue, dialogue.replaceAll(`,${number}.tsv,`, `,${number}0.tsv,`)] : [dialogue];
    for (const copy of copies) {
      part.push(copy);
      partChars += copy.length;
      written.rows += length;
      written.dialogues++;
    }
    if (partChars > 1 << 20) {
      put(part.join(''));
      [part, partChars] = [[], 0];
    }
  }
  put(part.join(''));
  closeSync(fd);
  return written;
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

/** Quotes a field only if necessary, like Python's csv module. */
function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
