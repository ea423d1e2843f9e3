import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTally, drop, newTally, skip } from '../../src/sources/tally.ts';

test('throws if the counts do not balance', () => {
  const tally = newTally();
  checkTally(tally);
  skip(tally, 'a.txt', 'not UTF-8', 'unreadable file');
  tally.read += 2;
  tally.kept++;
  assert.throws(() => checkTally(tally), /3 records read, but 2 kept or dropped/);
  drop(tally, 'photo');
  checkTally(tally);
  drop(tally, 'photo');
  assert.throws(() => checkTally(tally), /3 records read, but 4 kept or dropped/);
});
