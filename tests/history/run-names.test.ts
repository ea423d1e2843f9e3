import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { namesOf } from '../../src/history/run-names.ts';

const all = (runs: string[]): string[] => runs.map(namesOf(runs).of);

test('a run is called by its pipeline and its four letters; runs that would share that have more in front', () => {
  assert.deepEqual(
    all([
      '20261130-081801-quickstart-31ee',
      '20261130-083222-comedy-lr-9863',
      '20261130-090000-tea-aaaa',
      '20261201-100000-tea-aaaa',
      '20261202-100000-tea-aaaa',
      '20261130-090000--beef',
      'renamed by hand',
    ]),
    [
      'quickstart-31ee',
      'comedy-lr-9863',
      '090000-tea-aaaa',
      '20261201-100000-tea-aaaa',
      '20261202-100000-tea-aaaa',
      'beef',
      'renamed by hand',
    ],
  );
});

test('a word means the run with that name before runs that only have it as a part', () => {
  const { matching } = namesOf(['20261130-081801-tea-31ee', '20261130-081802-green-tea-31ee', 'tea']);
  assert.deepEqual(matching('tea-31ee'), ['20261130-081801-tea-31ee']);
  assert.deepEqual(matching('tea'), ['tea']);
  assert.equal(matching('31ee').length, 2);
  assert.deepEqual(matching('081802'), ['20261130-081802-green-tea-31ee']);
  assert.deepEqual(matching('gre…31ee'), ['20261130-081802-green-tea-31ee'], 'as a narrow table shows it');
});

const run = fc
  .tuple(fc.integer({ min: 0, max: 2 }), fc.constantFrom('a', 'b-a', '000001-a', ''), fc.constantFrom('ab', 'cd'))
  .map(([second, slug, end]) => `20260101-00000${second}-${slug}-${end}`);
const folder = fc.oneof(run, fc.constantFrom('a-ab', 'ab', '000001-a-ab', 'store'));

test('no two runs share a name, every name and every folder finds its run, and a name ends as its folder does', () => {
  fc.assert(
    fc.property(fc.uniqueArray(folder, { maxLength: 12 }), (runs) => {
      const names = namesOf(runs);
      assert.equal(new Set(runs.map(names.of)).size, runs.length);
      for (const each of runs) {
        assert.deepEqual(names.matching(each), [each]);
        assert.deepEqual(names.matching(names.of(each)), [each]);
        assert.ok(each.endsWith(names.of(each)));
      }
    }),
  );
});
