import { measured, type Stall } from './stall.ts';

/** What ends training before its last step; the first that is reached does. */
export interface StopRule {
  /** trained on, all sources together */
  tokens?: number | undefined;
  /** passes over the mix */
  epochs?: number | undefined;
  /** validations in a row without a lower loss */
  patience?: number | undefined;
  /** what counts as lower, in nats */
  minDelta: number;
}

/** Why training is over, or null. */
export function stopReason(
  { tokens, epochs, patience }: StopRule,
  now: { tokens: number; epochs: number; stall: Stall },
): string | null {
  if (tokens !== undefined && now.tokens >= tokens) return `${now.tokens} tokens are seen`;
  if (epochs !== undefined && now.epochs >= epochs) return `${epochs} epochs are done`;
  if (patience !== undefined && now.stall.stalled >= patience)
    return `the validation loss did not fall${patience === 1 ? '' : ` in ${patience} validations in a row`}`;
  return null;
}

export function stallAfter({ minDelta }: StopRule, stall: Stall, loss: number): Stall {
  return measured(stall, loss, minDelta);
}
