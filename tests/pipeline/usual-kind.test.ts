import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Type } from '@sinclair/typebox';
import { checkSchema, type Schema } from '../../src/pipeline/schema/check.ts';

const closed = { additionalProperties: false };
const shape = Type.Union([
  Type.Object({ kind: Type.Literal('round'), radius: Type.Number() }, closed),
  Type.Object({ kind: Type.Literal('square', { default: 'square' }), side: Type.Number({ default: 1 }) }, closed),
]);
const schema = Type.Object({ shape }, closed) as Schema;

test('a value without a kind has the default kind, and its errors are about that kind', () => {
  assert.deepEqual(checkSchema(schema, { shape: { side: 3 } }), {
    value: { shape: { side: 3, kind: 'square' } },
    problems: [],
  });
  assert.deepEqual(checkSchema(schema, { shape: {} }).value, { shape: { kind: 'square', side: 1 } });
  assert.deepEqual(checkSchema(schema, { shape: { kind: 'round', radius: 2 } }).problems, []);
  assert.deepEqual(
    checkSchema(schema, { shape: { radius: 2 } }).problems.map(({ path, message }) => [path.join('.'), message]),
    [['shape.radius', 'unknown key "radius"']],
  );
  assert.deepEqual(
    checkSchema(schema, { shape: { kind: 'sqare' } }).problems.map(({ message, hint }) => [message, hint]),
    [['unknown kind "sqare"', 'did you mean "square"?']],
  );
});
