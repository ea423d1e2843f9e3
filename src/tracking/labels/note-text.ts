import type { Labels } from './labels.ts';

type Written = Pick<Labels, 'description' | 'notes'>;

const HEADING = '### Notes';

/** The description of an MLflow run, in Markdown: ours, then a list of the notes. Empty if there is neither. */
export function noteText({ description, notes }: Written): string {
  const list = notes.map((note) => `- ${note.replaceAll('\n', '\n  ')}`).join('\n');
  return [...(description === null ? [] : [description]), ...(list === '' ? [] : [`${HEADING}\n\n${list}`])].join(
    '\n\n',
  );
}

/** What a person has written into that text in MLflow. */
export function readNoteText(text: string): Written {
  const plain = text.replaceAll('\r\n', '\n');
  const at = plain.startsWith(`${HEADING}\n`) ? 0 : plain.lastIndexOf(`\n${HEADING}\n`);
  if (at < 0) return { description: plain.trim() === '' ? null : plain.trim(), notes: [] };
  const before = plain.slice(0, at).trim();
  const list = plain.slice(plain.indexOf(HEADING, at) + HEADING.length).trim();
  const notes = list === '' ? [] : list.replace(/^[-*] /, '').split(/\n+[-*] /);
  return {
    description: before === '' ? null : before,
    notes: notes.map((note) => note.replaceAll('\n  ', '\n').trim()),
  };
}
