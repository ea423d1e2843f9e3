/**
 * Recognizes the points that are in a run's journal already. A stage reports its earlier steps again when its old
 * events are replayed, and when an attempt repeats the steps after the last checkpoint. But within one attempt every
 * point is new, also at the same or an earlier step: three folds of a cross-validation may all report step 1.
 */

export interface Point {
  name: string;
  step: number;
  value: number;
}

export interface RepeatedPoints {
  /** The stage begins again, so it may report what it has reported before. */
  beginAttempt(stage: string): void;
  isRepeated(stage: string, point: Point): boolean;
  /** to be called once the point is in the journal */
  add(stage: string, point: Point): void;
}

/** `earlier`: points that an earlier process has written to this journal. */
export function repeatedPoints(earlier: Point[]): RepeatedPoints {
  const journaled = new Map<string, number>();
  /** stage → point → how often the present attempt has reported it */
  const reported = new Map<string, Map<string, number>>();
  const increase = (counts: Map<string, number>, point: string): void =>
    void counts.set(point, (counts.get(point) ?? 0) + 1);
  const reportedBy = (stage: string): Map<string, number> => {
    const counts = reported.get(stage) ?? new Map<string, number>();
    reported.set(stage, counts);
    return counts;
  };
  for (const point of earlier) increase(journaled, nameOf(point));
  return {
    beginAttempt: (stage) => void reported.delete(stage),
    isRepeated(stage, point) {
      const name = nameOf(point);
      const counts = reportedBy(stage);
      if ((counts.get(name) ?? 0) >= (journaled.get(name) ?? 0)) return false;
      increase(counts, name);
      return true;
    },
    add(stage, point) {
      increase(journaled, nameOf(point));
      increase(reportedBy(stage), nameOf(point));
    },
  };
}

/** The same for a point and its repetition. Summaries, at step 0 in the journal, have only their value. */
function nameOf({ name, step, value }: Point): string {
  return step === 0 || isBest(name) ? `${name} = ${value}` : `${name} @ ${step}`;
}

export const isBest = (name: string): boolean => /(^|\/)best\//.test(name);
