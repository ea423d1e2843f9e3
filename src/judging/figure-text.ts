/** `p = .15`, `p < .001` */
export const pText = (p: number): string =>
  p < 0.001 ? 'p < .001' : `p = ${p >= 0.995 ? '1' : p.toFixed(p < 0.1 ? 3 : 2).replace(/^0/, '')}`;

/** `47.5 to 66.9`, in percent. */
export const range = ({ low, high }: { low: number; high: number }): string => `${points(low)} to ${points(high)}`;

// ---------------------------------------------------------------------------

const points = (share: number): string => (100 * share).toFixed(1);
