import { type AdamW, adamw } from './adamw.ts';
import type { OptimizerRule } from './rule.ts';

/** AdamW's fields without the decay. */
export type Adam = { kind: 'adam' } & Omit<AdamW, 'kind' | 'weightDecay'>;

/**
 * Kingma and Ba, "Adam", 2015: AdamW without any decay. Adam's original decay through the gradient is left out on
 * purpose.
 */
export function adam(optimizer: Adam): OptimizerRule {
  return adamw({ ...optimizer, weightDecay: 0 });
}
