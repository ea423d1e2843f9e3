/**
 * The held-out loss has one name wherever people read it. Files, trackers and pipelines keep the names under which it
 * is measured: `eval/loss` in training, `evaluate/loss` at its end.
 */
export function shownMetric(name: string): string {
  const [, prefix = '', measured = ''] = /^(.*?)(evaluate\/loss|eval\/loss|best\/eval_loss)$/.exec(name) ?? [];
  return measured === '' ? name : `${prefix}${SHOWN[measured]}`;
}

/** The metric that a person means by its own name or by the one that is shown. */
export const metricMeant = (given: string, known: string[]): string | undefined =>
  known.find((name) => name === given) ?? known.find((name) => shownMetric(name) === given);

// ---------------------------------------------------------------------------

const SHOWN: Record<string, string> = {
  'eval/loss': 'held-out loss',
  'evaluate/loss': 'held-out loss at the end',
  'best/eval_loss': 'best held-out loss',
};
