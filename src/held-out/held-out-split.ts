import type { SplitName } from '../artifacts/tokens/index.ts';
import type { TokenReader } from '../artifacts/tokens/tokens.ts';

/** The test split if there is one, since nothing was chosen by it; else the validation split; null: nothing is held out. */
export const heldOutSplit = ({ split }: TokenReader): Exclude<SplitName, 'train'> | null =>
  (['test', 'validation'] as const).find((name) => split(name).documents > 0) ?? null;
