import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromJsonNumber, jsonNumbers, toJsonNumber } from '../../src/numbers/json-number.ts';

test('writes NaN and infinities as strings in JSON, and every number survives a round trip', () => {
  assert.equal(
    JSON.stringify({ a: [NaN, 1, { b: Infinity }], c: -Infinity, d: 'NaN', e: null }, jsonNumbers),
    '{"a":["NaN",1,{"b":"Infinity"}],"c":"-Infinity","d":"NaN","e":null}',
  );
  fc.assert(
    fc.property(fc.oneof(fc.double(), fc.constantFrom(NaN, Infinity, -Infinity)), (value) => {
      const read = fromJsonNumber(JSON.parse(JSON.stringify(toJsonNumber(value))));
      assert.ok(read === value || Object.is(read, value), String(value));
    }),
  );
  for (const other of ['nan', 'inf', '', '1', 'constructor', null, true, [NaN]])
    assert.equal(fromJsonNumber(other), other);
});
