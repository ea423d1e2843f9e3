import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedRows, type TakenRow } from '../../src/generation/shared-rows.ts';
import { fakeReader } from './fake-reader.ts';

/** The "logits" say what was read: its length, and a sum that depends on the order. */
const told = (tokens: number[]): Float32Array =>
  Float32Array.of(
    tokens.length,
    tokens.reduce((sum, id, i) => (sum * 31 + id * (i + 1)) % 9973, 0),
  );

const never = new AbortController().signal;

/** Reads one token after the other, each depending on the one before, as a text is written. */
async function written(row: TakenRow, seed: number, length: number): Promise<number[]> {
  const told = [...(await row.read(Array.from({ length: 1 + (seed % 20) }, (_, i) => seed + i)))];
  for (let i = 0; i < length; i++) told.push(...(await row.read([Math.round(told.at(-1)!) % 100])));
  return told;
}

test('fifty texts on four rows each get what they get alone, and share steps', async () => {
  const { reader, calls } = fakeReader(4, told);
  const rows = sharedRows(reader, 256);
  const alone = await Promise.all(
    Array.from({ length: 50 }, async (_, seed) => {
      const row = await sharedRows(fakeReader(1, told).reader, 256).take(never);
      return written(row, seed, 30 + (seed % 7));
    }),
  );
  const together = await Promise.all(
    Array.from({ length: 50 }, async (_, seed) => {
      const row = await rows.take(never);
      const result = await written(row, seed, 30 + (seed % 7));
      row.release();
      return result;
    }),
  );
  assert.deepEqual(together, alone);
  assert.ok(calls.tokens < 50 * 33 * 0.4, `${calls.tokens} steps`);
});

test('a row that waits keeps what it has read', async () => {
  const { reader } = fakeReader(2, told);
  const rows = sharedRows(reader, 256);
  const [a, b] = [await rows.take(never), await rows.take(never)];
  await a.read([1, 2, 3]);
  for (let i = 0; i < 20; i++) await b.read([i]);
  a.setBack(2);
  for (let i = 0; i < 5; i++) await b.read([i]);
  assert.deepEqual([...(await a.read([9]))], [...told([1, 2, 9])]);
});

test('who gives up while waiting loses nothing for others', async () => {
  const rows = sharedRows(fakeReader(1, told).reader, 256);
  const first = await rows.take(never);
  const gone = new AbortController();
  const waiting = rows.take(gone.signal);
  const next = rows.take(never);
  assert.equal(rows.waiting(), 2);
  gone.abort();
  await assert.rejects(waiting, { name: 'AbortError' });
  first.release();
  assert.equal((await next).place(), 0);
  assert.equal(rows.waiting(), 0);
});

test('an error reaches all who took part in the step, and nobody else', async () => {
  const { reader } = fakeReader(2, told);
  let broken = true;
  const rows = sharedRows(
    { ...reader, tokens: async (...args) => (broken ? Promise.reject(new Error('broken')) : reader.tokens(...args)) },
    256,
  );
  const row = await rows.take(never);
  await assert.rejects(row.read([1]), /broken/);
  broken = false;
  assert.equal((await row.read([1, 2])).length, 2);
});
