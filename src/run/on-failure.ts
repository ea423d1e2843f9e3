/**
 * After a stage failed: what does not need it goes on, or nothing new starts, or what runs saves and stops, or stops at
 * once.
 */
export const ON_FAILURE = ['keep-going', 'no-new', 'stop', 'kill'] as const;
export type OnFailure = (typeof ON_FAILURE)[number];
