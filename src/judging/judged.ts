import type { KeyEntry } from '../artifacts/questions.ts';
import type { Answer } from './answers.ts';

/** An answer beside what is true. */
export interface Judged {
  entry: KeyEntry;
  answer: Answer;
  /** Of a duel: whether the model was taken for the person. Null if the judge remembered the conversation. */
  right: boolean | null;
  /** the side that was taken for the real one; `b` of a single text: it was called generated. Null if none was */
  took: 'a' | 'b' | null;
}

/** Answers to questions that this test does not have are left out. */
export function judgedAnswers(key: ReadonlyMap<string, KeyEntry>, answers: readonly Answer[]): Judged[] {
  return answers.flatMap((answer) => {
    const entry = key.get(answer.id);
    if (!entry) return [];
    const took = tookOf(answer);
    const right = took === null ? null : took === soughtSide(entry);
    return [{ entry, answer, right, took }];
  });
}

/** The side that counts as right: the real text; of a duel, the model's. */
export const soughtSide = ({ kind, real, model }: KeyEntry): 'a' | 'b' | null =>
  kind === 'duel' ? (model ?? null) : real;

// ---------------------------------------------------------------------------

function tookOf({ chose, shown, known }: Answer): 'a' | 'b' | null {
  if (known || chose === null) return null;
  switch (chose) {
    case 'real':
      return 'a';
    case 'generated':
      return 'b';
    case 'left':
      return shown === 'ab' ? 'a' : 'b';
    case 'right':
      return shown === 'ab' ? 'b' : 'a';
  }
}
