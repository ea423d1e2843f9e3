import { filesAt } from '../source-bytes.ts';
import type { SourceOptions } from '../source-options.ts';
import type { Source } from '../source.ts';
import { skipAll } from '../tally.ts';
import { sourceOfFiles } from '../units.ts';
import { readLog, type LogForm } from './read-log.ts';

/** Lines such as `Name: text`; other lines continue the message above. A file, or a folder or .zip of *.txt. */
export async function dialogueSource(path: string, options: SourceOptions): Promise<Source> {
  const { files, refused } = await filesAt(path, ['.txt']);
  return sourceOfFiles(
    { files, looksFor: 'lines such as "Name: text" in a file or a folder of .txt files', repairsMojibake: false },
    (tally) => skipAll(refused, tally),
    (file, tally) => readLog(file, FORM, options, tally),
  );
}

const FORM: LogForm = {
  head(line) {
    const speaker = speakerOf(line);
    return speaker === null ? null : { kind: 'message', ...speaker, time: NaN };
  },
  judge: (text) => ({ text }),
};

const HEAD = /^([^:\s][^:]{0,39}):(?:\s+(.*))?$/s;

/** The name and the text of a line; null if what stands before its colon cannot be a name. */
export function speakerOf(line: string): { from: string; text: string } | null {
  const match = HEAD.exec(line);
  if (!match) return null;
  const [, from, text = ''] = match;
  const isName = /\p{L}/u.test(from!) && !/[.!?;"<>{}=|\\/]\s*$|[{}<>=|\\]|\bhttps?$/u.test(from!);
  return isName && from!.split(/\s+/).length <= MOST_WORDS ? { from: from!, text } : null;
}

const MOST_WORDS = 5;
