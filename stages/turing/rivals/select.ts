/** A text that fits a real one in form and length. */
export interface Candidate {
  draw: number;
  /** characters of the real text, less those of this one */
  difference: number;
}

export interface Chosen {
  /** index of the window */
  window: number;
  /** for each model, its candidate */
  candidates: Candidate[];
}

/**
 * Chooses windows, and for each model one of its candidates, so that among the first n windows the real text is longer
 * as often as it is shorter, but for one: whoever always takes the longer text is right half of the time.
 */
export function balanced(candidates: readonly (readonly (readonly Candidate[])[])[]): Chosen[] {
  const chosen: Chosen[] = [];
  const balance: number[] = [];
  let waiting = [...candidates.keys()];
  for (;;) {
    const before = chosen.length;
    waiting = waiting.filter((window) => {
      const taken = candidates[window]!.map((ofModel, model) => fitting(ofModel, balance[model] ?? 0));
      if (!taken.every((candidate) => candidate !== undefined)) return true;
      for (const [model, { difference }] of taken.entries())
        balance[model] = (balance[model] ?? 0) + Math.sign(difference);
      chosen.push({ window, candidates: taken });
      return false;
    });
    if (chosen.length === before) return chosen;
  }
}

// ---------------------------------------------------------------------------

/** The first candidate that does not take the balance further from 0. */
const fitting = (candidates: readonly Candidate[], balance: number): Candidate | undefined =>
  candidates.find(({ difference }) => Math.abs(balance + Math.sign(difference)) <= 1);
