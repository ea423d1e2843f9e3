import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  answersToExclude,
  answersToShow,
  moreAnswersToDecide,
  powerToExclude,
  powerToShow,
} from '../../src/statistics/answers-needed.ts';
import { assertDigits } from './kit.ts';

// computed with scipy
test('the power of the exact test saws, and the answers needed are those from which on it always suffices', () => {
  const known: [number, number, number][] = [
    [0.55, 786, 820],
    [0.6, 199, 210],
    [0.64, 101, 108],
    [0.7, 49, 54],
    [0.75, 30, 35],
    [0.8, 20, 23],
  ];
  for (const [rate, first, always] of known) {
    assert.equal(answersToShow(rate), always, `${rate}`);
    assert.equal(answersToShow(1 - rate), always, `1 - ${rate}`);
    assert.ok(powerToShow(first, rate) >= 0.8 && powerToShow(first - 1, rate) < 0.8, `${rate} first`);
    assert.ok(powerToShow(always - 1, rate) < 0.8, `${rate} always`);
  }
  assertDigits(powerToShow(199, 0.6), '.8037');
  assertDigits(powerToShow(200, 0.6), '.786848');
  assertDigits(powerToShow(210, 0.6), '.820248');
  assertDigits(powerToShow(194, 0.6), '.764342');
  assertDigits(powerToShow(108, 0.64), '.823');
});

test('the answers needed to exclude a rate', () => {
  assert.equal(answersToExclude(0.5, 0.6), 164);
  assert.ok(powerToExclude(158, 0.5, 0.6) >= 0.8 && powerToExclude(157, 0.5, 0.6) < 0.8);
  assert.ok(powerToExclude(85, 0.5, 0.64) >= 0.8);
  assert.equal(answersToExclude(0.6, 0.6), null);
});

test('more answers that would decide', () => {
  assert.equal(moreAnswersToDecide(60, 100, 0.6), 110);
  assert.equal(moreAnswersToDecide(50, 100, 0.6), 64);
  assert.equal(moreAnswersToDecide(0, 0, 0.6), 164);
  assert.equal(moreAnswersToDecide(300, 400, 0.6), 0);
  // between .5 and .6 it takes many, and between .5 and .501 too many
  assert.ok(moreAnswersToDecide(62, 108, 0.6)! > 200);
  assert.equal(moreAnswersToDecide(50_050, 100_000, 0.501), null);
  assert.equal(answersToShow(0.5), null);
  assert.equal(answersToShow(1), 6);
});
