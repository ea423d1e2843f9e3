import type { PublishedName } from '../../artifacts/given-weights/published-names.ts';

/** A way to train, of which `init` chooses one. */
export interface Candidate {
  /** how the file names it */
  title: string;
  /** the file in configs/model; null: the shape comes with the weights */
  config: string | null;
  init: PublishedName | null;
  model: { layers: number; heads: number; width: number; context: number };
  batchSize: number;
  /** the highest learning rate of the schedule, which falls to a tenth of it */
  peak: number;
  /** passes over the text that are worth their time */
  passes: number;
  /** tokens of text without which this model is too large */
  leastTokens: number;
}

/** The smallest last: it is the one that is left if nothing can be timed. Each step sees 1,024 tokens. */
export const FROM_SCRATCH: Candidate[] = [
  {
    title: 'gpt2-117m',
    config: 'configs/model/gpt2-117m.yaml',
    init: null,
    model: { layers: 12, heads: 12, width: 768, context: 1024 },
    batchSize: 1,
    peak: 6e-4,
    passes: 8,
    leastTokens: 5e6, // else most of its 85 million weights outside of the embedding have nothing to learn from
  },
  {
    title: 'gpt2-mini',
    config: 'configs/model/gpt2-mini.yaml',
    init: null,
    model: { layers: 6, heads: 6, width: 384, context: 256 },
    batchSize: 4,
    peak: 1e-3,
    passes: 8,
    // With 56,000 tokens, eight passes of gpt2-nano and three of this one, which take longer, came to the same held-out loss.
    leastTokens: 1e5,
  },
  {
    title: 'gpt2-nano',
    config: 'configs/model/gpt2-nano.yaml',
    init: null,
    model: { layers: 4, heads: 4, width: 128, context: 128 },
    batchSize: 8,
    peak: 2e-3,
    passes: 8,
    leastTokens: 0,
  },
];

/** Weights that know English need little text, and soon know it by heart. */
export const FINE_TUNED: Candidate = {
  title: 'GPT-2 124M',
  config: null,
  init: '124M',
  model: { layers: 12, heads: 12, width: 768, context: 1024 },
  batchSize: 1,
  peak: 1e-4,
  passes: 3,
  leastTokens: 0,
};

export const tokensPerStep = ({ batchSize, model }: Candidate): number => batchSize * model.context;
