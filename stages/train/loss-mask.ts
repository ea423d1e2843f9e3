import type { TokenSplit } from '../../src/artifacts/tokens/tokens.ts';
import type { TokenStream } from '../../src/lm/data/token-stream.ts';
import { classOfLabel, speakerOfLabel } from '../../src/tokenizer/token-labels.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import type { Params } from './params/params.ts';

/**
 * The tokens with a mask of those that count in the loss, by their class and by the speaker of their line. A separator
 * has no speaker: its class decides.
 */
export function maskedStream(split: TokenSplit, speakers: string[], learn: Params['learn']): TokenStream {
  if (!learn) return split;
  const classes = new Set<string>(learn.classes);
  const numbers = new Set(learn.speakers.map((name) => speakers.indexOf(name) + 1));
  const counts = (label: number): boolean => {
    const tokenClass = classOfLabel(label);
    return (
      classes.has(tokenClass) &&
      (numbers.size === 0 || tokenClass === 'separator' || numbers.has(speakerOfLabel(label)))
    );
  };
  return { ...split, lossMask: (start, length) => split.labels(start, length).map((label) => (counts(label) ? 1 : 0)) };
}

/** Throws for a speaker that is in no input: nothing would be learnt from their lines, and nobody would notice. */
export function checkSpeakers(inputs: { name: string; speakers: string[] }[], learn: Params['learn']): void {
  const missing = (learn?.speakers ?? []).filter((name) => !inputs.some(({ speakers }) => speakers.includes(name)));
  if (missing.length === 0) return;
  const count = new Set(inputs.flatMap(({ speakers }) => speakers)).size;
  throw new StageInputError(
    `learn.speakers names ${missing.length === 1 ? 'somebody' : `${missing.length} people`} who said nothing in the training text`,
    `the tokens' index.json lists its ${count} speakers as they are written`,
  );
}
