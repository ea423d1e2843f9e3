import { measured, type Stall } from './stall.ts';

/** Conditions that end training before its last step; the first one reached counts. */
export interface StopRule {
  /** targets trained on, from all sources together */
  tokens?: number | undefined;
  /** passes over the mix */
  epochs?: number | undefined;
  /** validations in a row without a lower loss */
  patience?: number | undefined;
  /** nats by which a loss must be below the best to count as lower */
  minDelta: number;
}

/** Why training ends now, or null if it does not. */
export function stopReason(
  { tokens, epochs, patience }: StopRule,
  now: { tokens: number; epochs: number; stall: Stall },
): string | null {
  if (tokens !== undefined && now.tokens >= tokens) return `${now.tokens} tokens seen`;
  if (epochs !== undefined && now.epochs >= epochs) return `${epochs} epochs done`;
  if (patience !== undefined && now.stall.stalled >= patience)
    return `the held-out loss did not fall${patience === 1 ? '' : ` in ${patience} validations in a row`}`;
  return null;
}

export function stallAfter({ minDelta }: StopRule, stall: Stall, loss: number): Stall {
  return measured(stall, loss, minDelta);
}
