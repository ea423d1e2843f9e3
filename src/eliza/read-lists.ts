import { UserError } from '../pipeline/diagnostic/user-error.ts';

interface Position {
  /** both 1-based; columns count UTF-16 units, as editors do */
  line: number;
  column: number;
}
export interface Word extends Position {
  kind: 'word';
  /** in upper case */
  text: string;
}
export interface List extends Position {
  kind: 'list';
  items: Node[];
}
export type Node = Word | List;

/**
 * Reads nested lists in parentheses. `=`, commas and full stops are words of their own; a semicolon begins a comment.
 * The lists end with the text or, as on the tapes of 1965, with an empty list. START, which stands before the rules in
 * the script of 1966, is skipped.
 */
export function readLists(text: string): { lists: List[]; end: Position } {
  const lists: List[] = [];
  const open: List[] = [];
  for (const token of tokensOf(text)) {
    const { line, column } = token;
    if (token.text === '(') {
      open.push({ kind: 'list', items: [], line, column });
    } else if (token.text === ')') {
      const list = open.pop();
      if (!list) fail(token, 'this closing parenthesis has no opening one; remove it');
      if (open.length === 0 && list.items.length === 0) return { lists, end: list };
      (open.at(-1)?.items ?? lists).push(list);
    } else {
      const list = open.at(-1);
      if (!list && token.text.toUpperCase() === 'START') continue;
      if (!list) fail(token, 'words must be in parentheses; enclose the rule in ( and )');
      list.items.push({ kind: 'word', text: token.text.toUpperCase(), line, column });
    }
  }
  // The outermost one: it is the rule from which on nothing fits.
  if (open[0]) fail(open[0], 'this parenthesis is never closed; look for a missing ) in this rule');
  const before = text.split(/\r\n|\n|\r/);
  return { lists, end: { line: before.length, column: before.at(-1)!.length + 1 } };
}

/** Begins with the place, so that a caller can put the name of the file before it. */
export function fail({ line, column }: Position, message: string): never {
  throw new UserError(`${line}:${column}: ${message}`);
}

function* tokensOf(text: string): Generator<Position & { text: string }> {
  let line = 1;
  let lineStart = 0;
  for (const found of text.matchAll(/\r\n|\n|\r|;[^\n\r]*|[()=,.]|[^\s()=,.;]+/g)) {
    const [token] = found;
    if (/^[\n\r]/.test(token)) {
      line++;
      lineStart = found.index + token.length;
    } else if (!token.startsWith(';')) {
      yield { text: token, line, column: found.index - lineStart + 1 };
    }
  }
}
