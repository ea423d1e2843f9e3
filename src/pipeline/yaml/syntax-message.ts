import type { ErrorCode } from 'yaml';

export const TOO_DEEP = 'nested far too deep to be read';

/**
 * What the YAML parser found, in our words where its own are those of the grammar: message, and a hint where there is
 * one.
 */
export function syntaxMessage(code: ErrorCode, message: string): [message: string, hint?: string] {
  switch (code) {
    case 'TAB_AS_INDENT':
      return ['a tab cannot indent', 'YAML is indented by spaces only'];
    case 'MULTIPLE_DOCS':
      return [
        'a second document begins here',
        'a file is one pipeline: remove the line `---` and what follows, or put it into a file of its own',
      ];
    case 'TAG_RESOLVE_FAILED':
      return [
        `a tag that is not known here: ${message.replace(/^Unresolved tag: /, '')}`,
        'to pull in a file, write `use: path`; text that begins with "!" needs quotes',
      ];
    case 'BAD_ALIAS':
      return [message, 'text that begins with "*" or "&" needs quotes'];
    case 'BAD_SCALAR_START':
      return [message, 'such text needs quotes'];
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return [message, 'is a colon missing, or a line indented too far?'];
    case 'RESOURCE_EXHAUSTION':
      return [TOO_DEEP];
    default:
      return [message.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())];
  }
}
