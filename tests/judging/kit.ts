import { blindTest, keyEntry } from '../kit/blind-test.ts';
import type { BlindTest, KeyEntry, Question, ShownLine } from '../../src/artifacts/questions.ts';
import type { AnswerRecord, Choice } from '../../src/judging/answers.ts';
import type { JudgeAnswers } from '../../src/judging/judge-figures.ts';
import { soughtSide } from '../../src/judging/judged.ts';
import { placesOf } from '../../src/judging/order.ts';
import { verdictOf } from '../../src/judging/verdict.ts';
import type { VerdictReport } from '../../src/judging/report.ts';

export const DIGEST = 'ab'.repeat(32);

export interface Asked {
  questions?: number;
  catch?: number;
  repeats?: number;
  duels?: number;
  catchRival?: string;
  /** texts by id, instead of `B: text of ID` */
  lines?: (id: string, side: 'a' | 'b') => ShownLine[];
}

/** A blind test of that size. In half of the questions the real text is the longer one, and on side a, independently. */
export function testOf({
  questions = 108,
  catch: caught = 0,
  repeats = 0,
  duels = 0,
  catchRival = 'ngram',
  lines,
}: Asked): BlindTest {
  const base = blindTest();
  const sides = (n: number): Pick<KeyEntry, 'real' | 'chars' | 'person' | 'document'> => ({
    real: n % 2 === 0 ? 'a' : 'b',
    chars: n % 4 < 2 === (n % 2 === 0) ? [60, 50] : [50, 60],
    person: 1 + (n % 3),
    document: n,
  });
  const numbered = (count: number, letter: string, entry: (n: number, id: string) => KeyEntry): KeyEntry[] =>
    Array.from({ length: count }, (_, n) => entry(n, `${letter}${String(n + 1).padStart(3, '0')}`));
  const key = [
    ...numbered(questions, 'q', (n, id) => keyEntry({ id, ...sides(n) })),
    ...numbered(caught, 'c', (n, id) => keyEntry({ id, ...sides(n), kind: 'catch', rival: catchRival })),
    ...numbered(duels, 'd', (n, id) =>
      keyEntry({ id, ...sides(n), kind: 'duel', real: null, model: n % 2 === 0 ? 'a' : 'b' }),
    ),
    ...numbered(repeats, 'r', (n, id) =>
      keyEntry({ id, ...sides(n), kind: 'repeat', of: `q${String(n + 1).padStart(3, '0')}` }),
    ),
  ];
  const text = lines ?? ((id): ShownLine[] => [['B', `text of ${id}`]]);
  return {
    ...base,
    questions: key.map(({ id }): Question => ({
      id,
      design: 'pair',
      context: [['A', 'before']],
      a: text(id, 'a'),
      b: text(id, 'b'),
    })),
    key,
    report: { ...base.report, warnings: [], asked: { questions, catch: caught, repeats, duels } },
  };
}

/** What a judge sees and should not know. */
export interface Seen {
  entry: KeyEntry;
  left: 'a' | 'b';
  /** from 0 */
  place: number;
}

/** `remembers`: instead of an answer. */
export type Mind = (seen: Seen) => 'a' | 'b' | 'remembers';

/** A judge who is asked in an order of their own, until `until` answers. */
export function simulated(
  test: BlindTest,
  mind: Mind,
  { order = 7, until = Infinity, tookPart = false }: { order?: number; until?: number; tookPart?: boolean } = {},
): JudgeAnswers {
  const entries = new Map(test.key.map((entry) => [entry.id, entry]));
  const asked = test.questions.map(({ id }) => ({ id, repeats: entries.get(id)!.of ?? null }));
  const records = placesOf(asked, 5, order)
    .slice(0, until)
    .map(({ id, isLeft }, place): AnswerRecord => {
      const entry = entries.get(id)!;
      const sought = soughtSide(entry)!;
      const left = isLeft ? sought : sought === 'a' ? 'b' : 'a';
      const took = mind({ entry, left, place });
      const chose: Choice | null = took === 'remembers' ? null : took === left ? 'left' : 'right';
      return {
        id,
        shown: left === 'a' ? 'ab' : 'ba',
        chose,
        known: chose === null,
        ms: 900,
        at: '2026-11-30T12:00:00Z',
      };
    });
  return { header: { tookPart }, records };
}

export const judged = (test: BlindTest, ...judges: JudgeAnswers[]): VerdictReport =>
  verdictOf({ digest: DIGEST, ...test }, judges, { atMost: 0.6 }).report;
