/**
 * After a stage fails: continue with the stages that do not depend on it, start nothing new, let running stages save
 * and stop, or kill them at once.
 */
export const ON_FAILURE = ['keep-going', 'no-new', 'stop', 'kill'] as const;
export type OnFailure = (typeof ON_FAILURE)[number];
