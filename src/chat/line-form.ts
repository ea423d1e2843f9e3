import { parseTemplate } from '../artifacts/tokens/line-template.ts';

/** The lines of a chat, by the template that the model was trained on. */
export interface LineForm {
  /**
   * What a line begins with, up to its text, without the blank before the text: a model writes that blank together with
   * the first word. `before`: time of the line above.
   */
  head(name: string, time: number, before: number | null): string;
  /** A whole line with its end. */
  line(message: { from: string; text: string }, time: number, before: number | null): string;
  /** the blank between head and text, or '' */
  lead: string;
  /** what follows the text in the same line */
  tail: string;
  hasNames: boolean;
  /** Whether one token may hold the end of the head and the beginning of the text: no blank or line end parts them. */
  canMerge: boolean;
}

/** Throws an Error if the speaker of a line would be known only after its text. */
export function lineFormOf(template: string): LineForm {
  const { parts, pieces } = parseTemplate(template);
  const textAt = parts.findIndex(({ placeholder }) => placeholder === 'text');
  const namesAt = parts.flatMap(({ placeholder }, index) => (placeholder === 'name' ? [index] : []));
  if (
    namesAt.some((index) => index > textAt) ||
    parts.slice(textAt + 1).some(({ placeholder }) => placeholder !== null)
  )
    throw new Error(
      `lines of the form ${template} have more than a literal after the text, so nobody could take turns`,
    );
  const literalBefore = parts[textAt - 1]?.placeholder === null ? parts[textAt - 1]!.literal : '';
  const lead = literalBefore.endsWith(' ') ? ' ' : '';
  const tail = parts
    .slice(textAt + 1)
    .map(({ literal }) => literal)
    .join('');
  const head = (name: string, time: number, before: number | null): string => {
    // A name that stands for nobody would be rendered as its text alone.
    const text = pieces({ from: name || ' ', time, text: '' }, before)
      .slice(0, textAt)
      .map((piece) => piece.text)
      .join('');
    return text.slice(0, text.length - lead.length);
  };
  return {
    head,
    line: ({ from, text }, time, before) => `${head(from, time, before)}${lead}${text}${tail}\n`,
    lead,
    tail,
    hasNames: namesAt.length > 0,
    canMerge: !/\s$/.test(literalBefore),
  };
}
