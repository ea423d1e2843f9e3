import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soughtSide } from '../../src/judging/judged.ts';
import { below, randomAt, uniform } from '../../src/lm/random/random.ts';
import { eValue } from '../../src/statistics/proportion.ts';
import { binomialProbability } from '../../src/statistics/binomial.ts';
import { judged, simulated, testOf, type Mind } from './kit.ts';

const close = (actual: number, expected: number, within = 1e-6): void =>
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected}`);
const other = (side: 'a' | 'b'): 'a' | 'b' => (side === 'a' ? 'b' : 'a');
/** Right with this probability. */
const right = (rate: number | ((place: number) => number), seed = 1): Mind => {
  const random = randomAt(seed, 0, 'judge', 0);
  return ({ entry, place }) => {
    const sought = soughtSide(entry)!;
    return uniform(random) < (typeof rate === 'number' ? rate : rate(place)) ? sought : other(sought);
  };
};
/** Right in exactly these many of the first questions that count. */
const rightIn = (count: number): Mind => {
  let left = count;
  return ({ entry }) => (entry.kind !== 'question' || left-- > 0 ? soughtSide(entry)! : other(soughtSide(entry)!));
};
const headline = (...args: Parameters<typeof judged>): string => judged(...args).headline.join('\n');

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

test('who looks in between sees no p, and evidence that a guesser reaches in at most 5 % of the sessions', () => {
  const asked = testOf({});
  let strong = 0;
  for (let session = 0; session < 200; session++) {
    const all = simulated(asked, right(0.5, 100 + session), { order: session });
    let ever = false;
    for (let answers = 10; answers < 108; answers += 14) {
      const report = judged(asked, { ...all, records: all.records.slice(0, answers) });
      const [judge] = report.people;
      const shown = JSON.stringify({ ...report, machines: {}, floors: {}, machinePairs: [] });
      assert.doesNotMatch(shown, /"p":\d/);
      assert.equal(judge!.drift, null);
      assert.doesNotMatch(report.headline.join('\n'), /\bp [=<]/);
      assert.match(report.headline.join('\n'), /so far \d+ of 108, so there is no p-value/);
      // The interval that is shown is no p in disguise.
      assert.equal(judge!.eValue < 20, judge!.low <= 0.5 && 0.5 <= judge!.high);
      if (judge!.eValue >= 20) ever = true;
    }
    if (ever) strong++;
  }
  assert.ok(strong <= 10, `${strong} of 200 sessions`);
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
    /stopped after 37 of 108, so there is no p-value yet; the evidence against guessing is above 1000/,
  );
  assert.match(report.headline.join('\n'), /No conclusion from A/);
});

test('no conclusion from who does not pay attention', () => {
  const asked = testOf({ catch: 11 });
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
  assert.match(said, /This judge knew the texts: A remembered 11 of 108\.\nA took part in the conversations\./);
  assert.match(
    headline(
      asked,
      simulated(asked, () => 'remembers'),
    ),
    /A remembered all 108 pairs/,
  );
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
  close(report.rivals['eliza']!.low, 0.683, 0.001);
  assert.deepEqual(report.people[0]!.repeats, { same: 4, asked: 5 });
  assert.match(
    report.headline.join('\n'),
    /Beside ELIZA, the model was taken for the person in 18 of 20: 90\.0 % \(68\.3 to 98\.8\)/,
  );
});

test('several judges: each alone, their agreement, and an interval over judges and questions', () => {
  const asked = testOf({});
  const judges = [1, 2, 3].map((seed) => simulated(asked, right(0.7, seed), { order: seed }));
  const report = judged(asked, ...judges);
  assert.deepEqual(
    report.people.map(({ judge }) => judge),
    ['A', 'B', 'C'],
  );
  assert.equal(report.pooled!.judges, 3);
  assert.ok(report.pooled!.low < report.pooled!.accuracy && report.pooled!.accuracy < report.pooled!.high);
  assert.ok(report.pooled!.high - report.pooled!.low > 0.08);
  assert.equal(report.pooled!.kappa, null);
  assert.doesNotMatch(report.headline.join('\n'), /not about people/);
  assert.deepEqual(judged(asked, ...judges), report, 'the bootstrap is seeded');
  const twins = judged(asked, judges[0]!, judges[0]!);
  assert.equal(twins.pooled!.alpha, 1);
  assert.equal(twins.pooled!.kappa, 1);
});

test('persons and models are compared, with p only at the end', () => {
  const asked = testOf({});
  asked.report.models = ['large', 'small'];
  asked.key.forEach((entry, n) => (entry.rival = n % 2 === 0 ? 'large' : 'small'));
  const mind: Mind = ({ entry }) => (entry.rival === 'small' || entry.person === 1 ? entry.real! : other(entry.real!));
  const report = judged(asked, simulated(asked, mind));
  const [models] = report.models;
  assert.deepEqual([models!.a, models!.b], ['large', 'small']);
  assert.ok(models!.difference < -0.6 && models!.high < 0 && models!.p! < 1e-6);
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
  assert.deepEqual([early.models[0]!.p, early.persons[0]!.p], [null, null]);
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

test('an unfair sample and a model that recites are said, with the worst case', () => {
  const asked = testOf({});
  asked.report.byModel['model'] = {
    ...asked.report.byModel['model']!,
    passedOver: { memorised: 6, 'ended early': 3 },
    passedOverShare: 0.09,
    memorised: { generated: 0.05, real: 0.01 },
  };
  asked.report.warnings = [
    { code: 'memorised', text: 'said here' },
    { code: 'left out', text: 'eliza was left out.' },
  ];
  const fair = headline(asked, simulated(asked, rightIn(62)));
  assert.match(fair, /\neliza was left out\.\n/);
  assert.doesNotMatch(fair, /said here/);
  assert.match(
    fair,
    /9\.0 % of the generated texts were passed over \(6 memorised, 3 ended early\); if these count as recognized: 61\.2 %/,
  );
  assert.doesNotMatch(fair, /fair sample|word for word/);
  const { programs } = asked.report.byModel['model'];
  Object.assign(asked.report.byModel['model'], {
    passedOverShare: 0.21,
    memorised: { generated: 0.061, real: 0.01 },
    programsWithMemorised: { ...programs, recite: { ...programs.recite, accuracy: 0.834 } },
  });
  const report = judged(asked, simulated(asked, rightIn(62)));
  assert.ok(report.refused.includes('not-a-fair-sample') && report.refused.includes('recites'));
  assert.match(report.headline.join('\n'), /not a fair sample/);
  assert.match(
    report.headline.join('\n'),
    /6\.1 % of the texts repeat the training text word for word \(real texts: 1\.0 %\); they are not among the questions\. With them, programs recognize: length 50 %, likelihood 50 %, surface 50 %, recite 83 %\./,
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
      simulated(asked, mind, { order, until: below(random, 40), tookPart: below(random, 2) === 1 }),
    );
    const report = judged(asked, ...judges);
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report, 'no NaN or infinity in JSON');
    for (const { accuracy, low, high } of [...report.people, ...report.persons, ...Object.values(report.rivals)]) {
      assert.ok(0 <= low && low <= high && high <= 1);
      if (accuracy !== null) assert.ok(low <= accuracy && accuracy <= high);
    }
  }
});
