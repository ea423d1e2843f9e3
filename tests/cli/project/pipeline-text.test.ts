import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { FINE_TUNED, FROM_SCRATCH } from '../../../src/cli/init/candidates.ts';
import { trainingOf } from '../../../src/cli/init/choose.ts';
import { pipelineText } from '../../../src/cli/init/pipeline-text.ts';
import type { Survey } from '../../../src/cli/init/survey.ts';
import { projectRoot } from '../../../src/files/project-root.ts';
import { parsePipeline } from '../../../src/pipeline/parse.ts';
import { kinds } from '../../../stages/index.ts';

const survey: Survey = {
  format: 'whatsapp',
  columns: null,
  conversations: 12,
  messages: 400,
  people: [
    { name: 'Ann', messages: 300 },
    { name: 'Ben', messages: 100 },
  ],
  owner: 'Ann',
  timed: true,
  tokens: { train: 50_000, heldOut: 5_000 },
};

const textOf = (candidate: (typeof FROM_SCRATCH)[number], read: Survey, step: number | null): string =>
  pipelineText({
    source: './data/chat.txt',
    survey: read,
    choice: trainingOf(candidate, step === null ? null : { first: 3, step }, read.tokens),
    date: '1 December 2026',
    called: 'runner',
    cores: 2,
    schema: null,
  });

/** Throws a PipelineFileError if the text is no valid pipeline. */
const stagesOf = (text: string) =>
  parsePipeline({
    file: 'chats.yaml',
    text,
    sets: [],
    kinds,
    readUsed: (named) => ({ file: named, text: readFileSync(join(projectRoot(), named), 'utf8') }),
  }).points[0]!.stages;

test('whatever was found and chosen, the pipeline is valid', () => {
  const name = fc.string({ minLength: 1, unit: 'grapheme' });
  fc.assert(
    fc.property(
      fc.constantFrom(FINE_TUNED, ...FROM_SCRATCH),
      fc.option(fc.double({ min: 0.001, max: 100, noNaN: true })),
      fc.record({
        people: fc.array(fc.record({ name, messages: fc.nat() }), { maxLength: 4 }),
        timed: fc.boolean(),
        columns: fc.option(fc.record({ from: name, text: name })),
        tokens: fc.record({ train: fc.integer({ min: 2, max: 1e9 }), heldOut: fc.nat(1e8) }),
      }),
      (candidate, step, found) => {
        const read = { ...survey, ...found, format: found.columns ? ('csv' as const) : survey.format };
        const stages = stagesOf(textOf(candidate, read, step));
        assert.equal(stages.length, found.tokens.heldOut < 2 ? 4 : 5);
        const prompts = stages.find(({ kind }) => kind === 'sample')!.params['prompts'];
        const expected = read.people.slice(0, 3).map((person) => `${person.name}:`);
        assert.deepEqual(prompts, expected.length === 0 ? [''] : expected);
      },
    ),
  );
});

test('the comments say how model and steps were chosen', () => {
  const [, mini, nano] = FROM_SCRATCH;
  assert.match(
    textOf(nano!, survey, 0.5),
    / # 390 steps of 8 x 128 tokens pass over the 50,000 tokens of text 8 times\.\n +# More than 8 passes are not worth their time\. [^]*A step took 500 ms on this machine \(2 cores; 2,048 tokens\/s\): about 3 min for all of them\.\n +steps: 390\n/,
  );
  assert.match(
    textOf(mini!, { ...survey, tokens: { train: 9e6, heldOut: 1e6 } }, 1),
    / # 6,400 steps of 4 x 256 tokens see 73 % of the 9,000,000 tokens of text\.\n +# More steps would take longer than 2 h\.\n/,
  );
  assert.match(textOf(FINE_TUNED, survey, 3), / init: \{ kind: published, name: 124M \}\n/);
  assert.match(textOf(nano!, survey, null), /# No step could be timed on this machine/);
  assert.match(
    textOf(nano!, { ...survey, tokens: { train: 900, heldOut: 0 } }, 1),
    /# That is often, because there is little text/,
  );
});
