import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { contract as turing } from '../../../stages/turing/contract.ts';
import { digestsOf, runStage, temporaryFolder } from '../model-kit.ts';
import { writeSpeaker, writeSpokenTokens } from './speaker-kit.ts';

const folder = temporaryFolder();
after(folder.remove);

/** As in golden.test.ts, but a minute long: the plain JavaScript engine computes probabilities of all 50,257 tokens. */
test('golden output of turing', async () => {
  const speaker = join(folder.dir, 'speaker');
  await writeSpeaker(speaker, 5);
  const made = await runStage(turing, {
    dir: join(folder.dir, 'turing'),
    inputs: { 'held-out': await writeSpokenTokens(join(folder.dir, 'spoken'), 100), model: speaker },
    params: {
      questions: 2,
      automatic: 20,
      duels: 1,
      context: 1,
      lines: 2,
      lengthWithin: 2,
      turns: 'asReal',
      draws: 2,
      topK: 16,
      engine: 'tfjs',
    },
  });
  const digest = createHash('sha256')
    .update(JSON.stringify(digestsOf(made.outDir)))
    .digest('hex')
    .slice(0, 16);
  assert.deepEqual({ version: turing.version, digest }, { version: 1, digest: 'f609ec498cf60f83' });
});
