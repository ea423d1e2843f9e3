import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictMetrics } from '../../src/judging/verdict-metrics.ts';
import { judged, simulated, testOf, type Mind } from './kit.ts';

import { close, other, right } from './minds.ts';

test('several judges: each alone, their agreement, and an interval over judges and questions', () => {
  const asked = testOf({});
  const judges = [1, 2, 3].map((seed) => simulated(asked, right(0.7, seed), { order: seed }));
  const report = judged(asked, ...judges);
  assert.deepEqual(
    report.people.map(({ judge }) => judge),
    ['A', 'B', 'C'],
  );
  const { judges: number, accuracy, low, high, kappa } = report.pooled!;
  assert.equal(number, 3);
  assert.ok(low! < accuracy && accuracy < high! && high! - low! > 0.08);
  assert.equal(kappa, null);
  assert.match(
    report.headline.join('\n'),
    /3 judges together: \d\d\.\d % \(.* which allows for other judges and other/,
  );
  assert.doesNotMatch(report.headline.join('\n'), /not about people/);
  assert.deepEqual(judged(asked, ...judges), report, 'the bootstrap is seeded');
});

test('no interval of two judges, and none of judges who all answer alike', () => {
  const asked = testOf({});
  const [one, two] = [1, 2].map((seed) => simulated(asked, right(0.7, seed), { order: seed }));
  const pair = judged(asked, one!, two!);
  assert.deepEqual([pair.pooled!.low, pair.pooled!.high], [null, null]);
  assert.match(
    pair.headline.join('\n'),
    /2 judges together: \d\d\.\d %\. There is no interval: that takes three judges who do not all answer alike\./,
  );
  const metrics = verdictMetrics(pair);
  assert.deepEqual([metrics['judge/people/accuracy'], 'judge/people/low' in metrics], [pair.pooled!.accuracy, false]);
  const alike = judged(asked, one!, one!, one!);
  assert.deepEqual([alike.pooled!.alpha, alike.pooled!.low], [1, null]);
  assert.equal(judged(asked, one!, one!).pooled!.kappa, 1);
});

test('only judges from whom there is a conclusion are counted together', () => {
  const asked = testOf({ catch: 11, catchRival: 'eliza' });
  const attentive = [1, 2, 3].map((seed) => {
    const reads = right(0.7, seed);
    return simulated(asked, (seen) => (seen.entry.kind === 'catch' ? seen.entry.real! : reads(seen)), { order: seed });
  });
  const careless = simulated(asked, ({ entry }) => (entry.kind === 'catch' ? other(entry.real!) : entry.real!), {
    order: 4,
  });
  const knows = simulated(asked, ({ entry, place }) => (place < 30 ? 'remembers' : entry.real!), { order: 5 });
  const early = simulated(asked, right(1), { order: 6, until: 30 });
  const stopped = { ...early, records: [...early.records, { stopped: 30 }] };
  const all = judged(asked, ...attentive, careless, knows, stopped);
  const alone = judged(asked, ...attentive);
  assert.equal(all.pooled!.judges, 3);
  for (const part of ['pooled', 'rivals', 'persons', 'cues', 'models'] as const)
    assert.deepEqual(all[part], alone[part], part);
  assert.match(all.headline.join('\n'), /Not counted, because no conclusion is drawn: D, E, F\./);
});

test('answers of several judges to a question are not independent: no p, and intervals over questions and judges', () => {
  const asked = testOf({ questions: 90, duels: 20 });
  asked.report.models = ['large', 'small'];
  asked.key.forEach((entry, n) => entry.kind === 'question' && (entry.rival = n % 2 === 0 ? 'large' : 'small'));
  // all follow the same hunches, with a few slips of their own
  const judges = [1, 2, 3, 4].map((seed) => {
    const slip = right(0.95, seed);
    const mind: Mind = (seen) => {
      const isRight = seen.entry.document % 5 < 3;
      const took = slip(seen) as 'a' | 'b';
      return isRight ? took : other(took);
    };
    return simulated(asked, mind, { order: seed });
  });
  const [one] = judges;
  const alone = judged(asked, one!);
  const report = judged(asked, ...judges);
  for (const figures of [...report.persons, ...report.models, ...report.cues, report.rivals['eliza']!])
    assert.equal(figures.p, null);
  const width = ({ low, high }: { low: number | null; high: number | null }): number => high! - low!;
  // Four times the answers, but not four times the questions: a binomial interval would be half as wide.
  assert.ok(width(report.rivals['eliza']!) > 0.75 * width(alone.rivals['eliza']!));
  assert.ok(width(report.models[0]!) > 0.75 * width(alone.models[0]!));
  assert.ok(width(report.persons[0]!) > 0.75 * width(alone.persons[0]!));
  assert.ok(alone.models[0]!.p !== null && alone.persons[0]!.p !== null && alone.rivals['eliza']!.p !== null);
});

test('with two models, everything is said of each: rate, p, conclusion and worst case', () => {
  const asked = testOf({});
  asked.report.models = ['large', 'tiny'];
  const facts = { ...asked.report.byModel['model']!, passedOver: {}, passedOverShare: 0 };
  asked.report.byModel = {
    large: { ...facts, passedOverShare: 0.5, passedOver: { memorized: 5 } },
    tiny: { ...facts, passedOverShare: 0.1, passedOver: { memorized: 1 } },
  };
  asked.key.forEach((entry, n) => (entry.rival = n < 54 ? 'large' : 'tiny'));
  let n = 0;
  const mind: Mind = ({ entry }) => (entry.rival === 'tiny' || n++ % 2 === 0 ? entry.real! : other(entry.real!));
  const report = judged(asked, simulated(asked, mind));
  const { large, tiny } = report.people[0]!.byModel;
  assert.deepEqual([large!.right, large!.answers, tiny!.right], [27, 54, 54]);
  assert.deepEqual([large!.p, large!.atMost.p! > 0.05], [1, true]);
  assert.ok(tiny!.p! < 1e-10);
  const said = report.headline.join('\n');
  assert.match(said, /A, on large, was right in 27 of 54 pairs: 50\.0 % \(.*\); guessing gives 50 %; p = 1\./);
  assert.match(said, /A, on tiny, was right in 54 of 54 pairs: 100\.0 %.*p < \.001/);
  assert.match(said, /\nUndecided: on large, between 36 and 64 %\./);
  assert.match(said, /\nA, on tiny, does better than guessing\./);
  assert.match(said, /large: 50\.0 % of the generated texts .*; if these count as recognized: 75\.0 %/);
  assert.match(said, /tiny: 10\.0 % of the generated texts .*; if these count as recognized: 100\.0 %/);
  assert.doesNotMatch(said, /81 of 108/, 'no rate over both');
  const both = judged(asked, ...[1, 2, 3].map((seed) => simulated(asked, right(0.7, seed), { order: seed })));
  assert.deepEqual(Object.keys(both.pooled!.byModel), ['large', 'tiny']);
  assert.match(both.headline.join('\n'), /3 judges together: on large \d.*; on tiny \d/);
  assert.equal(verdictMetrics(both)['judge/people/accuracy/tiny'], both.pooled!.byModel['tiny']!.accuracy);
});

test('persons and models are compared, with p only at the end', () => {
  const asked = testOf({});
  asked.report.models = ['large', 'small'];
  asked.key.forEach((entry, n) => (entry.rival = n % 2 === 0 ? 'large' : 'small'));
  const mind: Mind = ({ entry }) => (entry.rival === 'small' || entry.person === 1 ? entry.real! : other(entry.real!));
  const report = judged(asked, simulated(asked, mind));
  const [models] = report.models;
  assert.deepEqual([models!.a, models!.b], ['large', 'small']);
  assert.ok(models!.difference < -0.6 && models!.high! < 0 && models!.p! < 1e-6);
  assert.deepEqual(
    report.persons.map(({ person, accuracy }) => [person, accuracy]),
    [
      [1, 1],
      [2, 0.5],
      [3, 0.5],
    ],
  );
  assert.ok(report.persons[0]!.p! < 1e-6);
  const early = judged(asked, simulated(asked, mind, { until: 40 }));
  assert.deepEqual([early.models, early.persons], [[], []]);
});

test('programs on two models are compared on the same conversations', () => {
  const asked = testOf({ questions: 2 });
  const margins = (right: boolean) => ({ length: 0, likelihood: right ? 1 : -1, surface: 1, recite: 0 });
  asked.report.models = ['large', 'small'];
  asked.key = Array.from({ length: 21 }, (_, n) => n).flatMap((n) =>
    ['large', 'small'].map((rival) => ({
      ...asked.key[0]!,
      id: `${rival}-${n}`,
      kind: 'automatic' as const,
      rival,
      document: n,
      margins: margins(rival === 'small' ? n >= 6 : n < 6),
    })),
  );
  const pair = judged(asked).machinePairs.find(({ program }) => program === 'likelihood');
  assert.deepEqual([pair!.onlyA, pair!.onlyB], [6, 15]);
  close(pair!.p, 0.078353882);
});
