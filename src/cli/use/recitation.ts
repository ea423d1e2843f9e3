import { openTokens } from '../../artifacts/tokens/tokens.ts';
import type { LineForm } from '../../chat/line-form.ts';
import { longestRecited } from '../../chat/recited.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';

/** The texts that a model was trained on, in which its replies are looked for. */
export interface Recitation {
  /** how many tokens in a row of these lines are from there */
  longestIn(lines: readonly { from: string; text: string }[]): number;
  close(): void;
}

/** `dirs`: folders of tokens. */
export function openRecitation(dirs: string[], about: { tokenizer: Tokenizer; form: LineForm }): Recitation {
  const readers = dirs.map((dir) => openTokens(dir));
  const train = readers.map(({ split }) => split('train'));
  return {
    longestIn: (lines) => longestRecited(train, lines, about),
    close: () => readers.forEach((reader) => reader.close()),
  };
}
