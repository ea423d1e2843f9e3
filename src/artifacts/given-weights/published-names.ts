/**
 * The four sizes that OpenAI published, by the corrected numbers of weights and by the original ones, which are better
 * known.
 */
export const PUBLISHED_NAMES = ['124M', '117M', '355M', '345M', '774M', '762M', '1558M', '1542M'] as const;
export type PublishedName = (typeof PUBLISHED_NAMES)[number];
