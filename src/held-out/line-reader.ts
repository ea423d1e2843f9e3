import { parseTemplate, type Piece, type Stamp, type TemplatePart } from '../artifacts/tokens/line-template.ts';
import { StageInputError } from '../pipeline/stage-kind.ts';

/** A line of a conversation, taken apart as the template says. */
export interface ParsedLine {
  /** all of it, without the line end */
  whole: string;
  /** what is before the text, without the blank that a model writes together with the first word */
  head: string;
  stamps: string[];
  /** '' if the template has no names */
  who: string;
  text: string;
}

export interface LineReader {
  hasNames: boolean;
  /** `line` has no line end. Null if it does not have the form of the template. */
  parse(line: string): ParsedLine | null;
  /** A line with these stamps, in pieces that are stamp, name or text; the last one has the line end. */
  pieces(line: Pick<ParsedLine, 'stamps' | 'who' | 'text'>): Piece[];
}

/**
 * Throws a StageInputError if the template's lines cannot be told apart. `known`: names, which may have a colon in
 * them.
 */
export function lineReader(template: string, known: ReadonlySet<string>): LineReader {
  if (template === '')
    throw new StageInputError(
      'the held-out tokens have no lines of conversations: they were not made from messages',
      'use the tokens of a `tokenize` stage',
    );
  const { parts } = parseTemplate(template);
  const textAt = parts.findIndex(({ placeholder }) => placeholder === 'text');
  const before = parts.slice(0, textAt);
  if (parts.slice(textAt + 1).some(({ placeholder }) => placeholder !== null) || hasOpenName(before))
    throw new StageInputError(
      `a line of the form ${template} does not tell where its text begins or ends`,
      'use a template in which {text} comes last, and something stands between {name} and the next placeholder',
    );
  const tail = parts.slice(textAt + 1).map(({ literal }) => literal);
  const end = tail.join('');
  const lead = before.at(-1)?.literal.endsWith(' ') ? ' ' : '';
  return {
    hasNames: before.some(({ placeholder }) => placeholder === 'name'),
    parse(line) {
      const found = parseHead(line, before, known);
      if (!found || !line.endsWith(end) || found.end + end.length > line.length) return null;
      return {
        whole: line,
        head: line.slice(0, found.end - lead.length),
        stamps: found.stamps,
        who: found.who,
        text: line.slice(found.end, line.length - end.length),
      };
    },
    pieces({ stamps, who, text }) {
      const left = [...stamps];
      const pieces = parts.map(({ class: kind, literal, placeholder }): Piece => {
        if (placeholder === null) return { class: kind, text: literal };
        if (placeholder === 'name') return { class: kind, text: who };
        return { class: kind, text: placeholder === 'text' ? text : (left.shift() ?? '') };
      });
      return [...pieces, { class: 'text', text: '\n' }];
    },
  };
}

// ---------------------------------------------------------------------------

const STAMPS: Record<Stamp, RegExp> = {
  ms: /-?\d+/y,
  s: /-?\d+/y,
  iso: /\d{4}-\d\d-\d\d \d\d:\d\d|-?\d+/y,
  gap: /\d+[smhd]/y,
};

/** A name that ends where the text or another placeholder begins. */
const hasOpenName = (before: TemplatePart[]): boolean =>
  before.some(({ placeholder }, i) => placeholder === 'name' && (before[i + 1]?.literal ?? '') === '');

function parseHead(
  line: string,
  before: TemplatePart[],
  known: ReadonlySet<string>,
): { end: number; stamps: string[]; who: string } | null {
  const stamps: string[] = [];
  let who = '';
  let end = 0;
  for (const [i, { placeholder, literal }] of before.entries()) {
    if (placeholder === null) {
      if (!line.startsWith(literal, end)) return null;
      end += literal.length;
    } else if (placeholder === 'name') {
      const name = nameAt(line, end, before[i + 1]!.literal, known);
      if (name === null) return null;
      who = name;
      end += name.length;
    } else if (placeholder !== 'text') {
      const pattern = STAMPS[placeholder];
      pattern.lastIndex = end;
      const stamp = pattern.exec(line)?.[0];
      if (stamp === undefined) return null;
      stamps.push(stamp);
      end += stamp.length;
    }
  }
  return { end, stamps, who };
}

/** The longest known name that is followed by `literal`, or else what stands before it. */
function nameAt(line: string, start: number, literal: string, known: ReadonlySet<string>): string | null {
  let first: string | null = null;
  let longest: string | null = null;
  for (let at = line.indexOf(literal, start); at >= 0; at = line.indexOf(literal, at + 1)) {
    const name = line.slice(start, at);
    first ??= name;
    if (known.has(name)) longest = name;
  }
  return longest ?? first;
}
