import assert from 'node:assert/strict';
import { test } from 'node:test';
import { below, randomAt, uniform } from '../../src/lm/random/random.ts';
import { binomialProbability } from '../../src/statistics/binomial.ts';
import { judged, simulated, testOf, type Mind } from './kit.ts';

import { close, headline, other, right, rightIn } from './minds.ts';

test('a judge who always takes the longer text is at chance, and the headline names length', () => {
  const asked = testOf({ catch: 11 });
  const longer: Mind = ({ entry }) =>
    entry.kind === 'question' ? (entry.chars[0] > entry.chars[1] ? 'a' : 'b') : entry.real!;
  const report = judged(asked, simulated(asked, longer));
  assert.equal(report.people[0]!.accuracy, 0.5);
  assert.deepEqual(
    report.cues.find(({ name }) => name === 'longer'),
    { name: 'longer', share: 1, answers: 108, p: report.cues.find(({ name }) => name === 'longer')!.p },
  );
  assert.ok(report.refused.includes('follows-length'));
  assert.match(report.headline.join('\n'), /A took the longer text in 100\.0 % of the pairs/);
  const shorter = judged(
    asked,
    simulated(asked, (seen) => other(longer(seen) as 'a' | 'b')),
  );
  assert.match(shorter.headline.join('\n'), /A took the shorter text in 100\.0 %/);
});

test('a judge who always answers left has d′ 0 and a bias to the left, and the headline names it', () => {
  const asked = testOf({ questions: 100 });
  const report = judged(
    asked,
    simulated(asked, ({ left }) => left),
  );
  const [judge] = report.people;
  // Sides are tossed, so the real text is not on the left exactly half of the time.
  close(judge!.accuracy!, 0.5, 0.1);
  close(judge!.dPrime, 0, 0.1);
  close(judge!.bias, -2.333769, 0.01);
  assert.ok(report.refused.includes('follows-side'));
  assert.match(report.headline.join('\n'), /A answered “left” in 100\.0 %/);
});

test('a guesser is undecided: an interval and how many more answers would tell, never that nobody can', () => {
  const asked = testOf({});
  const said = headline(asked, simulated(asked, rightIn(62)));
  assert.match(
    said,
    /A was right in 62 of 108 pairs: 57\.4 % \(47\.5 to 66\.9\); guessing gives 50 %; p = \.15\. On single texts, that would be 55\.3 %/,
  );
  assert.match(said, /Undecided: between 48 and 67 %\. If the true rate is 57 %, 272 more answers would tell/);
  assert.doesNotMatch(said, /cannot|no difference|indistinguishable/i);
  assert.match(said, /This is a result about A, not about people\./);
  assert.match(said, /not a Turing test/);
});

test('golden values: 64 and 65 of 108', () => {
  const asked = testOf({});
  const [few] = judged(asked, simulated(asked, rightIn(64))).people;
  for (const [actual, expected] of [
    [few!.low, 0.493824],
    [few!.high, 0.686151],
    [few!.p!, 0.0670104148],
  ] as const)
    close(actual, expected);
  const more = judged(asked, simulated(asked, rightIn(65)));
  close(more.people[0]!.p!, 0.0428072208);
  assert.match(more.headline.join('\n'), /A does better than guessing/);
  assert.match(headline(asked, simulated(asked, rightIn(30))), /worse than guessing[^]*A is right in at most 60 %/);
});

test('a perfect judge has an interval that ends at 1', () => {
  const asked = testOf({});
  const [judge] = judged(asked, simulated(asked, right(1))).people;
  assert.deepEqual([judge!.accuracy, judge!.high], [1, 1]);
  assert.ok(judge!.low > 0.96);
});

test('the interval of a 60 % judge covers 60 % as often as the binomial says, by enumeration and in 2,000 sessions', () => {
  const asked = testOf({});
  const intervals = Array.from({ length: 109 }, (_, k) => judged(asked, simulated(asked, rightIn(k))).people[0]!);
  const covers = intervals.map(({ low, high }) => low <= 0.6 && 0.6 <= high);
  const exact = covers.reduce((sum, isCovered, k) => sum + (isCovered ? binomialProbability(k, 108, 0.6) : 0), 0);
  close(exact, 0.961146);
  const random = randomAt(11, 0, 'judge', 0);
  let covered = 0;
  for (let session = 0; session < 2000; session++) {
    let k = 0;
    for (let answer = 0; answer < 108; answer++) if (uniform(random) < 0.6) k++;
    if (covers[k]) covered++;
  }
  close(covered / 2000, exact, 0.01);
});

test('a judge who gets tired has different thirds', () => {
  const asked = testOf({});
  const drifting = judged(
    asked,
    simulated(
      asked,
      right((place) => (place < 54 ? 0.95 : 0.5)),
    ),
  ).people[0]!;
  assert.ok(drifting.drift! < 0.01, `p ${drifting.drift}`);
  assert.ok(drifting.thirds[0]!.accuracy! - drifting.thirds[2]!.accuracy! > 0.2);
  assert.ok(judged(asked, simulated(asked, right(0.7, 3))).people[0]!.drift! > 0.01);
});

test('duels count how often the model was taken for the person; repeats how often an answer was the same', () => {
  const asked = testOf({ duels: 20, repeats: 5 });
  const mind: Mind = ({ entry }) =>
    entry.kind === 'duel'
      ? entry.id <= 'd018'
        ? entry.model!
        : other(entry.model!)
      : entry.id === 'r005'
        ? other(entry.real!)
        : entry.real!;
  const report = judged(asked, simulated(asked, mind));
  assert.equal(report.rivals['eliza']!.right, 18);
  close(report.rivals['eliza']!.low!, 0.683, 0.001);
  assert.deepEqual(report.people[0]!.repeats, { same: 4, asked: 5 });
  assert.match(
    report.headline.join('\n'),
    /Beside ELIZA, the model was taken for the person in 18 of 20: 90\.0 % \(68\.3 to 98\.8\)/,
  );
});

test('an unfair sample and a model that recites are said, with the worst case', () => {
  const asked = testOf({});
  asked.report.byModel['model'] = {
    ...asked.report.byModel['model']!,
    passedOver: { memorized: 6, 'ended early': 3 },
    passedOverShare: 0.09,
    memorized: { generated: 0.05, real: 0.01 },
  };
  asked.report.warnings = [
    { code: 'memorized', text: 'said here' },
    { code: 'left out', text: 'eliza was left out.' },
  ];
  const fair = headline(asked, simulated(asked, rightIn(62)));
  assert.match(fair, /\neliza was left out\.\n/);
  assert.doesNotMatch(fair, /said here/);
  assert.match(
    fair,
    /9\.0 % of the generated texts were passed over \(6 memorized, 3 ended early\); if these count as recognized: 61\.2 %/,
  );
  assert.doesNotMatch(fair, /fair sample|repeat the training text/);
  const { programs } = asked.report.byModel['model'];
  Object.assign(asked.report.byModel['model'], {
    passedOverShare: 0.21,
    memorized: { generated: 0.061, real: 0.01 },
    programsWithMemorized: { ...programs, recite: { ...programs.recite, accuracy: 0.834 } },
  });
  const report = judged(asked, simulated(asked, rightIn(62)));
  assert.ok(report.refused.includes('not-a-fair-sample') && report.refused.includes('recites'));
  assert.match(report.headline.join('\n'), /not a fair sample/);
  assert.match(
    report.headline.join('\n'),
    /6\.1 % of the texts repeat the training text, in a run of 20 tokens or in runs of 8 for half of the text \(real texts: 1\.0 %\); they are not among the questions\. With them, programs recognize: length 50 %, likelihood 50 %, surface 50 %, recite 83 %\./,
  );
});

test('single texts: d′ as published, and a love of the answer “real” is named', () => {
  const asked = testOf({ questions: 100 });
  asked.report.design = 'single';
  const answer = (took: (n: number) => boolean) =>
    asked.key.map(({ id }, n) => ({
      id,
      shown: 'a' as const,
      chose: took(n) ? ('real' as const) : ('generated' as const),
      known: false,
      ms: 1,
      at: '',
    }));
  // 50 real texts (even n), of which 30 are called real; 50 generated ones, of which 20 are
  const report = judged(asked, {
    header: { tookPart: false },
    records: answer((n) => (n % 2 === 0 ? n < 60 : n < 40)),
  });
  close(report.people[0]!.dPrime, 0.49655);
  assert.match(
    report.headline.join('\n'),
    /A was right in 60 of 100 texts: 60\.0 % \(49\.7 to 69\.7\); guessing gives 50 %; p = \.057/,
  );
  assert.doesNotMatch(report.headline.join('\n'), /on single texts/);
  const always = judged(asked, { header: { tookPart: false }, records: answer(() => true) });
  assert.match(always.headline.join('\n'), /A answered “real” in 100\.0 %/);
});

test('whatever the answers are, a report is made, in which every share is between 0 and 1', () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = randomAt(seed, 0, 'judge', 1);
    const asked = testOf({
      questions: 1 + below(random, 30),
      catch: below(random, 4),
      duels: below(random, 3),
      repeats: 0,
    });
    const mind: Mind = ({ left }) => (below(random, 9) === 0 ? 'remembers' : below(random, 2) ? left : other(left));
    const judges = Array.from({ length: below(random, 4) }, (_, order) =>
      simulated(asked, mind, { order, until: below(random, 60), tookPart: below(random, 2) === 1 }),
    );
    if (judges[0] && below(random, 2) === 1)
      judges[0] = { ...judges[0], records: [...judges[0].records, { stopped: judges[0].records.length }] };
    const report = judged(asked, ...judges);
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report, 'no NaN or infinity in JSON');
    for (const { accuracy, low, high } of [...report.people, ...report.persons, ...Object.values(report.rivals)]) {
      if (low === null || high === null) continue;
      assert.ok(0 <= low && low <= high && high <= 1);
      if (accuracy !== null) assert.ok(low <= accuracy && accuracy <= high);
    }
  }
});
