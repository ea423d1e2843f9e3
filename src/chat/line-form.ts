import { parseTemplate } from '../artifacts/tokens/line-template.ts';

/** The lines of a chat, by the template that the model was trained on. */
export interface LineForm {
  /**
   * What a line begins with, up to its text, without the blank before the text: a model writes that blank together with
   * the first word. `before`: time of the line above.
   */
  head(name: string, time: number, before: number | null): string;
  /** the blank between head and text, or '' */
  lead: string;
  /** what follows the text in the same line */
  tail: string;
  hasNames: boolean;
  /** whether a line shows its time */
  needsTime: boolean;
}

/** Throws an Error if the speaker of a line would be known only after its text. */
export function lineFormOf(template: string): LineForm {
  const { parts, needsTime, pieces } = parseTemplate(template);
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
  return {
    lead,
    tail: parts
      .slice(textAt + 1)
      .map(({ literal }) => literal)
      .join(''),
    hasNames: namesAt.length > 0,
    needsTime,
    head(name, time, before) {
      // A name that stands for nobody would be rendered as its text alone.
      const head = pieces({ from: name || ' ', time, text: '' }, before)
        .slice(0, textAt)
        .map(({ text }) => text)
        .join('');
      return head.slice(0, head.length - lead.length);
    },
  };
}
