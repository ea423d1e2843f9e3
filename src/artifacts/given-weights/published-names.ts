/**
 * The four sizes that OpenAI published. Each has two names: its correct number of weights, and the number first
 * published, which is better known.
 */
export const PUBLISHED_NAMES = ['124M', '117M', '355M', '345M', '774M', '762M', '1558M', '1542M'] as const;
export type PublishedName = (typeof PUBLISHED_NAMES)[number];
