/**
 * What becomes of a message without words of its own: it is dropped, or kept as `[photo]`. `reason` is what it counts
 * as.
 */
export function placeholder(
  choice: 'drop' | 'placeholder',
  what: string,
  reason = what,
): { text: string } | { dropped: string } {
  return choice === 'drop' ? { dropped: reason } : { text: `[${what}]` };
}
