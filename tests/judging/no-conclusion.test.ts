import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomAt, uniform } from '../../src/lm/random/random.ts';
import { eValue } from '../../src/statistics/proportion.ts';
import { binomialProbability } from '../../src/statistics/binomial.ts';
import { answersCsv } from '../../src/judging/answers-csv.ts';
import type { Answer } from '../../src/judging/answers.ts';
import { reportMarkdown } from '../../src/judging/report-markdown.ts';
import { verdictMetrics } from '../../src/judging/verdict-metrics.ts';
import { verdictOf } from '../../src/judging/verdict.ts';
import { DIGEST, judged, simulated, testOf, type Mind } from './kit.ts';

import { headline, other, right } from './minds.ts';

test('of a judge who is still asked, nothing is said but the number of answers, however they are', () => {
  const asked = testOf({ questions: 30, catch: 4, duels: 2, repeats: 2 });
  const looks = (mind: Mind): string[] => {
    const all = simulated(asked, mind, { order: 3 });
    return all.records.map((_, answers) => {
      const { report, results } = verdictOf(
        { digest: DIGEST, ...asked },
        [{ ...all, records: all.records.slice(0, answers) }],
        { atMost: 0.6 },
      );
      assert.deepEqual(
        [report.people, report.pooled, report.rivals, report.models, report.persons, report.cues, results],
        [[], null, {}, [], [], [], []],
      );
      assert.deepEqual(report.asking, [{ judge: 'A', answered: answers, asked: 38, takenBack: 0 }]);
      assert.match(
        report.headline.join('\n'),
        new RegExp(`A: ${answers} of 38 answered; figures when the judge has finished or stopped\\.`),
      );
      assert.match(report.headline.join('\n'), /Nobody has finished yet/);
      assert.deepEqual(report.refused.slice(0, 2), ['no-answers', 'not-finished']);
      assert.equal(answersCsv(results).split('\n').length, 2, 'only the head');
      const metrics = verdictMetrics(report);
      assert.deepEqual([metrics['judge/people/answers'], 'judge/people/accuracy' in metrics], [0, false]);
      return JSON.stringify({ report, csv: answersCsv(results), metrics, page: reportMarkdown(report) });
    });
  };
  assert.deepEqual(looks(right(1)), looks(right(0)), 'who is always right looks like who is always wrong');
});

test('who is still asked, or has only begun, changes no figure of the others', () => {
  const asked = testOf({ duels: 20 });
  const one = simulated(asked, right(0.7));
  const alone = judged(asked, one);
  const others = [{ header: { tookPart: false }, records: [] }, simulated(asked, right(0), { order: 9, until: 100 })];
  const report = judged(asked, one, ...others);
  assert.ok(alone.rivals['eliza']!.p !== null && alone.persons[0]!.p !== null && alone.cues[0]!.p !== null);
  for (const part of ['people', 'pooled', 'rivals', 'persons', 'cues', 'models'] as const)
    assert.deepEqual(report[part], alone[part], part);
  assert.deepEqual(
    report.asking!.map(({ judge, answered }) => [judge, answered]),
    [
      ['B', 0],
      ['C', 100],
    ],
  );
  assert.ok(!('asking' in alone));
});

test('answers that were taken back are counted', () => {
  const asked = testOf({ questions: 10 });
  const { header, records } = simulated(asked, right(1));
  const [first, ...rest] = records as [Answer, ...Answer[]];
  const report = judged(asked, { header, records: [first, { undo: first.id }, first, ...rest] });
  assert.equal(report.people[0]!.takenBack, 1);
  assert.match(report.headline.join('\n'), /Taken back: 1\./);
  const still = judged(asked, { header, records: [first, { undo: first.id }] });
  assert.deepEqual(still.asking, [{ judge: 'A', answered: 0, asked: 10, takenBack: 1 }]);
});

test('a guesser reaches an e-value of 20 in at most 5 % of 2,000 sessions, looked at after each answer', () => {
  const random = randomAt(12, 0, 'judge', 0);
  let strong = 0;
  for (let session = 0; session < 2000; session++) {
    let [k, ever] = [0, false];
    for (let answers = 1; answers <= 108; answers++) {
      if (uniform(random) < 0.5) k++;
      ever ||= eValue(k, answers) >= 20;
    }
    if (ever) strong++;
  }
  assert.ok(strong <= 100, `${strong} of 2,000`);
});

test('a stopped test has no p and no conclusion', () => {
  const asked = testOf({});
  const { header, records } = simulated(asked, right(1), { until: 37 });
  const report = judged(asked, { header, records: [...records, { stopped: 37 }] });
  assert.equal(report.people[0]!.p, null);
  assert.ok(report.refused.includes('stopped-early'));
  assert.match(
    report.headline.join('\n'),
    /the evidence against guessing is above 1000 \(20 would be strong\)\.\nA stopped after 37 of 108, so there is no p-value\./,
  );
  assert.match(report.headline.join('\n'), /No conclusion from A/);
});

test('after one answer, nothing is made of it', () => {
  const asked = testOf({});
  const { header, records } = simulated(asked, right(0), { until: 1 });
  const said = headline(asked, { header, records: [...records, { stopped: 1 }] });
  assert.match(said, /A was right in 0 of 1 pairs/);
  assert.doesNotMatch(said, /On single texts/);
});

test('an attentive judge is hardly ever refused for missing easy questions that are not that easy', () => {
  const refusedWith = (rival: string, rightOnes: number): boolean => {
    const asked = testOf({ questions: 20, catch: 11 });
    asked.key.forEach((entry) => entry.kind === 'catch' && (entry.rival = rival));
    let left = rightOnes;
    const mind: Mind = ({ entry }) => (entry.kind !== 'catch' || left-- > 0 ? entry.real! : other(entry.real!));
    return judged(asked, simulated(asked, mind)).refused.includes('inattentive');
  };
  const rate = Array.from({ length: 12 }, (_, k) => (refusedWith('ngram', k) ? binomialProbability(k, 11, 0.8) : 0));
  const refusals = rate.reduce((sum, probability) => sum + probability, 0);
  assert.ok(refusals > 0 && refusals <= 0.05, String(refusals));
  assert.deepEqual([refusedWith('ngram', 5), refusedWith('ngram', 6)], [true, false]);
  assert.deepEqual([refusedWith('eliza', 8), refusedWith('eliza', 9)], [true, false]);
});

test('of easy questions that older tests asked, only the easy ones count', () => {
  const mixed = testOf({ questions: 20, catch: 9, catchRival: 'eliza' });
  mixed.key.forEach((entry, n) => entry.kind === 'catch' && n % 3 > 0 && (entry.rival = 'elsewhere'));
  const missesElsewhere: Mind = ({ entry }) => (entry.rival === 'elsewhere' ? other(entry.real!) : entry.real!);
  assert.deepEqual(judged(mixed, simulated(mixed, missesElsewhere)).people[0]!.catch, { right: 3, answers: 3 });

  const single = testOf({ questions: 20, catch: 10 });
  single.report.design = 'single';
  const records = single.key.map(({ id, kind, real }) => ({
    id,
    shown: 'a' as const,
    // takes every text of the easy questions for generated, also the five that are real
    chose: kind === 'catch' || real === 'b' ? ('generated' as const) : ('real' as const),
    known: false,
    ms: 1,
    at: '',
  }));
  const [judge] = judged(single, { header: { tookPart: false }, records }).people;
  assert.deepEqual([judge!.catch, judge!.refused], [{ right: 5, answers: 5 }, []]);
});

test('no conclusion from who does not pay attention', () => {
  const asked = testOf({ catch: 11, catchRival: 'eliza' });
  const careless: Mind = ({ entry }) =>
    entry.kind === 'catch' ? (entry.id <= 'c007' ? entry.real! : other(entry.real!)) : entry.real!;
  const report = judged(asked, simulated(asked, careless));
  assert.deepEqual(report.people[0]!.catch, { right: 7, answers: 11 });
  assert.match(report.headline.join('\n'), /A got only 7 of 11 easy questions right\.\nNo conclusion from A\./);
  const attentive: Mind = (seen) => (seen.entry.id === 'c011' ? other(seen.entry.real!) : seen.entry.real!);
  assert.deepEqual(judged(asked, simulated(asked, attentive)).people[0]!.refused, []);
});

test('what a judge remembers is counted apart, and more than a tenth is said', () => {
  const asked = testOf({});
  const remembers = (count: number): Mind => {
    let left = count;
    return ({ entry }) => (left-- > 0 ? 'remembers' : entry.real!);
  };
  const [few] = judged(asked, simulated(asked, remembers(10))).people;
  assert.deepEqual([few!.known, few!.answers, few!.answered, few!.isComplete], [10, 98, 108, true]);
  assert.deepEqual(few!.refused, []);
  const said = headline(asked, simulated(asked, remembers(11), { tookPart: true }));
  assert.match(
    said,
    /This judge knew the texts: A remembered 11 of 108\.\nA took part in the conversations\.\nNo concl/,
  );
  assert.match(said, /97 of 97 pairs: 100\.0 %.* With the 11 remembered counted as wrong: 89\.8 %\./);
  assert.match(
    headline(
      asked,
      simulated(asked, () => 'remembers'),
    ),
    /A remembered all 108 pairs/,
  );
});
