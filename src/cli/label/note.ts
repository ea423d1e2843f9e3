import { readLabels, writeLabels } from '../../tracking/labels/labels.ts';
import { findRun } from '../find/find-run.ts';
import { runsDirectory } from '../runs-directory.ts';

/** `runner note RUN [WORD…]`: adds a note to a run, and prints all of them. */
export function noteRun({ run, words }: { run: string; words: string[] }): number {
  const past = findRun(runsDirectory(), run);
  const labels = readLabels(past.dir);
  const text = words.join(' ').trim();
  const notes = text === '' ? labels.notes : [...labels.notes, text];
  if (text !== '') writeLabels(past.dir, { ...labels, notes });
  console.log([past.name, ...(notes.length > 0 ? notes : ['no notes']).map((note) => `  ${note}`)].join('\n'));
  return 0;
}
