/**
 * The four sizes that OpenAI published, under the counts of the paper's later edition and under the first ones, which
 * most people know.
 */
export const PUBLISHED_NAMES = ['124M', '117M', '355M', '345M', '774M', '762M', '1558M', '1542M'] as const;
export type PublishedName = (typeof PUBLISHED_NAMES)[number];
