import type { BlindTest, KeyEntry, Question, ShownLine } from '../artifacts/questions.ts';
import type { AnswersFile } from './answers-file.ts';
import { finalAnswers, isStopped, type Answer, type Choice } from './answers.ts';
import { soughtSide } from './judged.ts';
import { placesOf, type Place } from './order.ts';
import { seedOf } from './verdict.ts';

/** A question as a judge sees it, without anything that tells which text is real. */
export interface ShownQuestion {
  /** place in this judge's order, from 1 */
  number: number;
  design: 'pair' | 'single';
  context: ShownLine[];
  left: ShownLine[];
  /** empty if only one text is shown */
  right: ShownLine[];
}

export interface SessionState {
  judge: string;
  phase: 'start' | 'asking' | 'done';
  total: number;
  answered: number;
  /** whether the last answer can be taken back */
  canUndo: boolean;
  /** null unless it is being asked */
  question: ShownQuestion | null;
}

export interface Given {
  /** of the question that is answered */
  number: number;
  /** null: the judge remembers the conversation */
  chose: Choice | null;
  /** from showing the question to the answer */
  ms: number;
}

/** Why something cannot be done now, such as the answer to a question that is not the next one. */
export class NotNow extends Error {
  override name = 'NotNow';
}

/** Asks one judge. Every answer is on disk when the function that took it returns. */
export interface Session {
  state(): SessionState;
  begin(tookPart: boolean): void;
  answer(given: Given): void;
  /** Takes the last answer back, but none before it. Not possible at the end, when the result is shown. */
  undo(): void;
  /** Ends the test; nothing can be answered any more, because the result is shown. */
  stop(): void;
}

export function openSession(
  { questions, key, digest }: Pick<BlindTest, 'questions' | 'key'> & { digest: string },
  { file, judge, order, now }: { file: AnswersFile; judge: string; order: number; now: () => Date },
): Session {
  const entries = new Map(key.map((entry) => [entry.id, entry]));
  const byId = new Map(questions.map((question) => [question.id, { question, entry: entries.get(question.id)! }]));
  const asked = questions.map(({ id }) => ({ id, repeats: entries.get(id)?.of ?? null }));
  const places = placesOf(asked, seedOf(digest), file.header?.order ?? order);
  const answers = (): Answer[] => finalAnswers(file.records);
  /** What was given last, in whichever session; null if it was taken back. */
  const lastAnswer = (): Answer | null => {
    const last = file.records.at(-1);
    return last && 'id' in last ? last : null;
  };
  const next = (): number => {
    const done = new Set(answers().map(({ id }) => id));
    return places.findIndex(({ id }) => !done.has(id));
  };
  const phase = (): SessionState['phase'] =>
    file.header === null ? 'start' : isStopped(file.records) || next() === -1 ? 'done' : 'asking';
  const must = (wanted: SessionState['phase'], why: string): void => {
    if (phase() !== wanted) throw new NotNow(why);
  };
  return {
    state() {
      const at = phase() === 'asking' ? next() : -1;
      return {
        judge,
        phase: phase(),
        total: places.length,
        answered: answers().length,
        canUndo: at !== -1 && lastAnswer() !== null,
        question: at === -1 ? null : shownAt(places[at]!, at + 1, byId),
      };
    },
    begin(tookPart) {
      must('start', 'this judge has begun already');
      file.begin(tookPart);
    },
    answer({ number, chose, ms }) {
      must('asking', 'no question is being asked');
      const at = next();
      if (number !== at + 1) throw new NotNow(`question ${number} is not the next one: it was answered elsewhere`);
      const place = places[at]!;
      const { question, entry } = byId.get(place.id)!;
      if (chose !== null && (chose === 'left' || chose === 'right') !== (question.b !== undefined))
        throw new NotNow('this is no answer to this question');
      const shown = question.b === undefined ? 'a' : leftSide(place, entry) === 'a' ? 'ab' : 'ba';
      file.append({ id: place.id, shown, chose, known: chose === null, ms, at: now().toISOString() });
    },
    undo() {
      must('asking', 'the result has been shown, so no answer can be taken back');
      const last = lastAnswer();
      if (!last) throw new NotNow('only the last answer can be taken back, and only once');
      file.append({ undo: last.id });
    },
    stop() {
      must('asking', 'nothing is being asked');
      file.append({ stopped: answers().length });
    },
  };
}

// ---------------------------------------------------------------------------

/** The side that is shown on the left. */
function leftSide({ isLeft }: Place, entry: KeyEntry): 'a' | 'b' {
  const sought = soughtSide(entry) ?? 'a';
  return isLeft ? sought : sought === 'a' ? 'b' : 'a';
}

function shownAt(
  place: Place,
  number: number,
  byId: ReadonlyMap<string, { question: Question; entry: KeyEntry }>,
): ShownQuestion {
  const { question, entry } = byId.get(place.id)!;
  const { design, context, a, b } = question;
  if (b === undefined) return { number, design, context, left: a, right: [] };
  const [left, right] = leftSide(place, entry) === 'a' ? [a, b] : [b, a];
  return { number, design, context, left, right };
}
