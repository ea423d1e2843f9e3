import type { ModelReport } from '../artifacts/questions.ts';

/** So many texts were passed over that the others are no fair sample of what the model writes. */
export const isUnfairSample = ({ passedOverShare }: Pick<ModelReport, 'passedOverShare'>): boolean =>
  passedOverShare > 0.2;

/** Over 5 points more of the model's texts are memorized than of held-out ones. */
export const recites = ({ memorized }: Pick<ModelReport, 'memorized'>): boolean =>
  memorized.generated - memorized.real > 0.05;
