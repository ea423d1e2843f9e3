import type { ErrorCode } from 'yaml';

export const TOO_DEEP = 'nested too deeply';

/** Looks like a space; copied from a web page. */
export const NO_BREAK_SPACE: [message: string, hint: string] = [
  'there is a no-break space here, which YAML does not take for a space',
  'delete it and type a space; it often comes with text that is copied from a web page',
];

/** Puts the value of a line in quotes: `write template: "{name}: {text}"`. */
export function quotesHint(line: string): string {
  const [, key, value] = KEY_AND_VALUE.exec(line) ?? [];
  if (key === undefined || value === undefined) return 'put the whole text in quotes';
  return `write ${key}: ${JSON.stringify(value.replace(/^[“„]|[”“]$/g, ''))}`;
}

/**
 * A message for an error of the YAML parser, reworded where the parser speaks in terms of the grammar, and a hint.
 * `line` is the line with the error.
 */
export function syntaxMessage(code: ErrorCode, message: string, line: string): [message: string, hint?: string] {
  if (line.includes('\u00a0')) return NO_BREAK_SPACE;
  switch (code) {
    case 'TAB_AS_INDENT':
      return ['tabs cannot be used for indentation', 'indent with spaces only, two for each level'];
    case 'BAD_DQ_ESCAPE':
      return [
        'a backslash in double quotes begins an escape',
        /"[A-Za-z]:\\/.test(line)
          ? `write ${line.trim().replace(/"([A-Za-z]):\\+(.*?)"/, (_, drive: string, rest: string) => `/mnt/${drive.toLowerCase()}/${rest.replace(/\\+/g, '/')}`)}, as WSL names it`
          : 'use single quotes, or write \\\\ for a backslash',
      ];
    case 'MULTIPLE_DOCS':
      return [
        'a second document starts here',
        'a file holds one pipeline: remove the line `---` and everything after it, or move that to its own file',
      ];
    case 'TAG_RESOLVE_FAILED':
      return [
        `unknown tag: ${message.replace(/^Unresolved tag: /, '')}`,
        'to pull in a file, write `use: path`; text that starts with "!" needs quotes',
      ];
    case 'BAD_ALIAS':
      return [message, 'text that starts with "*" or "&" needs quotes'];
    case 'BAD_SCALAR_START':
      return [message, 'this text needs quotes'];
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return keyMessage(message, line);
    case 'RESOURCE_EXHAUSTION':
      return [TOO_DEEP];
    default:
      return [lowerFirst(message)];
  }
}

// ---------------------------------------------------------------------------

const KEY_AND_VALUE = /^\s*(?:- )?([A-Za-z][\w.-]*):\s+(.*?)\s*$/;

/** A second colon, no colon, or a colon without a space. */
function keyMessage(message: string, line: string): [message: string, hint: string] {
  const [, , value] = KEY_AND_VALUE.exec(line) ?? [];
  if (value !== undefined && /:(\s|$)/.test(value) && !/^["'[]/.test(value))
    return ['text with a colon needs quotes', quotesHint(line)];
  const [, word, colon, rest] = /^\s*([A-Za-z]\w*)(:?)\s*([\w./"'[{-].*?)\s*$/.exec(line) ?? [];
  if (word !== undefined && rest !== undefined && value === undefined && !rest.includes(': '))
    return [colon ? 'there is no space after the colon' : 'there is no colon after the key', `write ${word}: ${rest}`];
  return [lowerFirst(message), 'is a colon missing, or a line indented too far?'];
}

const lowerFirst = (message: string): string => message.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
