import type { LineReader } from './line-reader.ts';

/** A line of a text, whoever wrote it. */
export interface SaidLine {
  /** '' if nobody is named; null if the line has not the form of the template */
  who: string | null;
  /** all of the line, if it has not that form */
  text: string;
  /** false: all of it was in the prompt */
  isWritten: boolean;
  /** the text was cut in this line */
  isCut?: boolean;
}

/** A text after its prompt. */
export interface WrittenText {
  prompt: string;
  text: string;
  /** whether the text was cut, so that a last line without a line end is not whole */
  isCut: boolean;
}

/** The lines of a prompt and of the text after it. A line that ends after its head has an empty text. */
export function writtenLines({ prompt, text, isCut }: WrittenText, reader: LineReader): SaidLine[] {
  const lines = `${prompt}${text}`.split('\n');
  const given = prompt.split('\n').length - 1;
  return lines.flatMap((line, i): SaidLine[] => {
    const isLast = i === lines.length - 1;
    if (isLast && line === '') return [];
    const parsed = reader.parse(line) ?? reader.parse(`${line} `);
    const said = parsed === null ? { who: null, text: line } : { who: parsed.who, text: parsed.text };
    return [{ ...said, isWritten: i >= given, ...(isLast && isCut ? { isCut } : {}) }];
  });
}
