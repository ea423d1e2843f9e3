import { readLines } from '../artifacts/lines.ts';
import type { SourceFile } from './source.ts';
import { skip, type Tally } from './tally.ts';

export interface SourceLine {
  text: string;
  /** `file:line`, or the line alone if the source is this one file */
  place: string;
}

/** The lines of one file that are text; the others, or a file that cannot be opened, are skipped and told to the tally. */
export async function* readSourceLines(file: SourceFile, tally: Tally): AsyncGenerator<SourceLine> {
  try {
    for await (const line of readLines(file.path, { onBytes: (bytes) => (tally.bytesRead += bytes) })) {
      const place = file.place ? `${file.place}:${line.number}` : `${line.number}`;
      if (line.kind === 'text') yield { text: line.text, place };
      else skip(tally, place, line.reason, 'unreadable line');
    }
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (syscall !== 'open') throw error;
    skip(tally, file.place, `cannot be read (${code})`, 'unreadable file');
  }
  tally.filesRead++;
}
