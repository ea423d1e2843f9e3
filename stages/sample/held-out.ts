import { openTokens, type TokenReader } from '../../src/artifacts/tokens/tokens.ts';
import type { SplitName } from '../../src/artifacts/tokens/index.ts';
import { readConversation, type Conversation, type Reading } from '../../src/held-out/conversation.ts';
import { heldOutSplit } from '../../src/held-out/held-out-split.ts';
import { lineReader } from '../../src/held-out/line-reader.ts';
import { permutation, randomAt } from '../../src/lm/random/random.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { lineEndIds, type Tokenizer } from '../../src/tokenizer/tokenizer.ts';

/** The held-out conversations that samples are set beside. */
export interface HeldOut {
  split: SplitName;
  ending: TokenReader['index']['ending'];
  reading: Reading;
  /** in a random order that is always the same; each is read when its turn comes */
  conversations(): Iterable<Conversation>;
  close(): void;
}

/** Opens what is held out: the test split if there is one, else the validation split. */
export function openHeldOut(dir: string, tokenizer: Tokenizer): HeldOut {
  const tokens = openTokens(dir);
  try {
    return heldOutOf(tokens, tokenizer);
  } catch (error) {
    tokens.close();
    throw error;
  }
}

// ---------------------------------------------------------------------------

function heldOutOf(tokens: TokenReader, tokenizer: Tokenizer): HeldOut {
  const { template, speakers, ending, vocabularySize } = tokens.index;
  if (vocabularySize !== tokenizer.vocabularySize)
    throw new StageInputError(
      `the held-out tokens have a vocabulary of ${vocabularySize} ids, the model has one of ${tokenizer.vocabularySize}`,
      'use tokens with the same encoding',
    );
  const name = heldOutSplit(tokens);
  if (name === null)
    throw new StageInputError(
      'nothing is held out: the tokens have neither test nor validation text',
      'raise `test` or `validation` of the tokenize stage, or leave out the input held-out',
    );
  const reader = lineReader(template, new Set(speakers));
  const reading = { tokenizer, lineEnds: lineEndIds(tokenizer), reader, speakers };
  const split = tokens.split(name);
  return {
    split: name,
    ending,
    reading,
    *conversations() {
      for (const document of permutation(randomAt(0, 0, 'heldOut'), split.documents))
        yield readConversation(split, document, reading);
    },
    close: tokens.close,
  };
}
