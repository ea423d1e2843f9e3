import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tally } from '../../src/sources/tally.ts';
import { CORPORA } from '../soak/corpora.ts';
import { MESSENGER_CORPORA } from '../soak/messenger-exports.ts';
import { flipByte, mutate, randomFrom } from '../soak/mutate.ts';
import { readMutated } from '../soak/read-mutated.ts';

test(
  'mutated exports of every form: no crash, no hang, and every record is counted (see also npm run soak)',
  { timeout: 120_000 },
  async () => {
    for (const corpus of CORPORA)
      for (let seed = 0; seed < 60; seed++)
        await readMutated(corpus, mutate, randomFrom(seed)).catch((error: Error) =>
          assert.fail(`${corpus.name}, seed ${seed}: ${error.stack}`),
        );
  },
);

test(
  'after changing one byte, finds as many records as before or reports a problem',
  { timeout: 120_000 },
  async () => {
    // Not in a zip, where the byte may be part of a file name, so that the file is no longer recognized.
    for (const corpus of MESSENGER_CORPORA.filter(({ name }) => !name.startsWith('zip'))) {
      // Without reactions, because in HTML a reaction with a broken tag becomes text.
      const records = ({ read, dropped }: Tally): number => read - (dropped['reaction'] ?? 0);
      const whole = await readMutated(
        corpus,
        (bytes) => bytes,
        () => 0,
      );
      for (let seed = 0; seed < 40; seed++) {
        const found = await readMutated(corpus, flipByte, randomFrom(1000 + seed));
        const { skipped, dropped, noticed } = found;
        const reported =
          skipped.count > 0 ||
          Object.keys(dropped).some((reason) => /^message without|in no message/.test(reason)) ||
          noticed.size > whole.noticed.size;
        assert.ok(
          records(found) >= records(whole) || reported,
          `${corpus.name}, seed ${1000 + seed}: ${records(found)} of ${records(whole)} records, and no problem was reported`,
        );
      }
    }
  },
);
