import type { TokenSplit } from '../../src/artifacts/tokens/tokens.ts';
import type { TokenStream } from '../../src/lm/data/token-stream.ts';
import { classOfLabel, speakerOfLabel } from '../../src/tokenizer/token-labels.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import type { Params } from './params/params.ts';

/**
 * Adds a mask of the tokens that count in the loss, chosen by their class and the speaker of their line. Separators
 * have no speaker, so they are chosen by class alone.
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

/** Throws for a speaker who is in none of the inputs; otherwise a misspelled name would go unnoticed. */
export function checkSpeakers(inputs: { name: string; speakers: string[] }[], learn: Params['learn']): void {
  const missing = (learn?.speakers ?? []).filter((name) => !inputs.some(({ speakers }) => speakers.includes(name)));
  if (missing.length === 0) return;
  const count = new Set(inputs.flatMap(({ speakers }) => speakers)).size;
  throw new StageInputError(
    `learn.speakers names ${missing.length === 1 ? 'a person' : `${missing.length} people`} with no lines in the training text`,
    `index.json of the tokens lists the exact names of its ${count} speakers`,
  );
}
