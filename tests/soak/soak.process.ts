/**
 * `npm run soak -- [--minutes 10] [--seed N] [--only NAME]`: reads mutated exports until the time is up. It stops at
 * the first failure and prints the command that reproduces it, with the seed of that reading.
 */
import { parseArgs } from 'node:util';
import { CORPORA } from './corpora.ts';
import { mutate, randomFrom } from './mutate.ts';
import { readMutated } from './read-mutated.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' }, only: { type: 'string' } },
});
const corpora = CORPORA.filter(({ name }) => values.only === undefined || name === values.only);
const single = values.seed !== undefined;
const until = Date.now() + Number(values.minutes) * 60_000;
const first = single ? Number(values.seed) : (Date.now() & 0xffffff) * 1000;

let seed = first;
let lastPrintedMs = Date.now();
const sums = { readings: 0, kept: 0, dropped: 0, skipped: 0 };
do {
  for (const corpus of corpora) {
    const timeout = setTimeout(() => fail(corpus.name, new Error('it took more than a minute')), 60_000);
    try {
      const tally = await readMutated(corpus, mutate, randomFrom(seed));
      sums.readings++;
      sums.kept += tally.kept;
      sums.dropped += tally.read - tally.kept;
      sums.skipped += tally.skipped.count;
      if (single)
        console.log(corpus.name, {
          kept: tally.kept,
          dropped: tally.dropped,
          skipped: tally.skipped.first,
          noticed: tally.noticed,
        });
    } catch (error) {
      fail(corpus.name, error as Error);
    } finally {
      clearTimeout(timeout);
    }
  }
  seed++;
  if (Date.now() - lastPrintedMs > 10_000) {
    lastPrintedMs = Date.now();
    console.log(totals());
  }
} while (!single && Date.now() < until);
console.log(`${totals()}; no failures`);

function totals(): string {
  const { readings, kept, dropped, skipped } = sums;
  return `${readings.toLocaleString('en')} readings from seed ${first}: ${kept.toLocaleString('en')} messages kept, ${dropped.toLocaleString('en')} records dropped, ${skipped.toLocaleString('en')} files or lines skipped`;
}

function fail(corpus: string, error: Error): never {
  console.error(
    `${totals()}\n"${corpus}" failed; to reproduce: npm run soak -- --seed ${seed} --only '${corpus}'\n${error.stack}`,
  );
  process.exit(1);
}
