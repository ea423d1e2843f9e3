/**
 * Krippendorff's α for nominal answers, `answers[judge][question]`, null where a judge did not answer. 1 if all agree
 * wherever two answered, about 0 if they agree by chance. NaN if no question has two answers, or all answers are the
 * same: then there is nothing to agree on.
 */
export function krippendorffAlpha(answers: readonly (readonly (string | number | boolean | null)[])[]): number {
  const totals = new Map<string | number | boolean, number>();
  let pairable = 0;
  let agreeing = 0;
  const questions = Math.max(0, ...answers.map((row) => row.length));
  for (let question = 0; question < questions; question++) {
    const given = answers.map((row) => row[question] ?? null).filter((answer) => answer !== null);
    if (given.length < 2) continue;
    pairable += given.length;
    for (const answer of given) totals.set(answer, (totals.get(answer) ?? 0) + 1);
    for (const answer of new Set(given)) {
      const count = given.filter((other) => other === answer).length;
      agreeing += (count * (count - 1)) / (given.length - 1);
    }
  }
  const byChance = [...totals.values()].reduce((sum, count) => sum + count * (count - 1), 0);
  const disagreementByChance = (pairable * (pairable - 1) - byChance) / (pairable - 1);
  return 1 - (pairable - agreeing) / disagreementByChance;
}

/** Cohen's κ of two judges: `table[i][j]` questions got answer i from the first and j from the second. */
export function cohenKappa(table: readonly (readonly number[])[]): number {
  const rows = table.map((row) => row.reduce((sum, count) => sum + count, 0));
  const columns = table.map((_, j) => table.reduce((sum, row) => sum + row[j]!, 0));
  const all = rows.reduce((sum, count) => sum + count, 0);
  const observed = table.reduce((sum, row, i) => sum + row[i]!, 0) / all;
  const byChance = rows.reduce((sum, count, i) => sum + count * columns[i]!, 0) / all ** 2;
  return (observed - byChance) / (1 - byChance);
}
