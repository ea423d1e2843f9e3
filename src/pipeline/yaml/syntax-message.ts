import type { ErrorCode } from 'yaml';

export const TOO_DEEP = 'nested too deeply';

/** A message for an error of the YAML parser, reworded where the parser speaks in terms of the grammar, and a hint. */
export function syntaxMessage(code: ErrorCode, message: string): [message: string, hint?: string] {
  switch (code) {
    case 'TAB_AS_INDENT':
      return ['tabs cannot be used for indentation', 'indent with spaces'];
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
      return [message, 'is a colon missing, or a line indented too far?'];
    case 'RESOURCE_EXHAUSTION':
      return [TOO_DEEP];
    default:
      return [message.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())];
  }
}
