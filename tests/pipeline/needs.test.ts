import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PipelineFileError } from '../../src/pipeline/diagnostic/diagnostic.ts';
import { parsePipeline } from '../../src/pipeline/parse.ts';
import { planPipeline } from '../../src/pipeline/plan/plan.ts';
import type { Digest } from '../../src/pipeline/plan/key.ts';
import { fakeKinds } from '../kit/kinds.ts';

const parsed = (placing: string, ...sets: string[]) =>
  parsePipeline({
    file: 'x.yaml',
    text: `name: p\nstages:\n  chat:\n    kind: fetch\n    params: { source: data }\n${placing}`,
    sets,
    kinds: fakeKinds,
    readUsed: () => null,
  }).points[0]!;
const facts = {
  kinds: fakeKinds,
  sources: { chat: { source: 'd'.repeat(64) as Digest } },
  missingSources: {},
  environment: () => null,
  artifactOf: () => null,
  hasWork: () => false,
  previous: () => null,
};

test('needs, retry and time limit are keys of a stage, can be set, and are not in its cache key', () => {
  const plain = parsed('');
  const placed = parsed(
    '    needs: { cpu: all, memory: 8.5, gpu: 1 }\n    retry: { times: 2, growMemory: 1.5 }\n    timeLimit: 1d2h\n',
    'stages.chat.needs.gpu=2',
  );
  const [stage] = placed.stages;
  assert.deepEqual(
    [stage?.needs, stage?.retry, stage?.timeLimit],
    [{ cpu: 'all', memory: 8.5, gpu: 2 }, { times: 2, growMemory: 1.5 }, '1d2h'],
  );
  assert.equal(planPipeline(placed, facts)[0]?.key, planPipeline(plain, facts)[0]?.key);
  assert.ok(!('needs' in plain.stages[0]!), 'no default is written into the stage');
});

test('invalid values are errors at their location', () => {
  const messages = (placing: string): string[] => {
    try {
      parsed(placing);
      return [];
    } catch (error) {
      return (error as PipelineFileError).diagnostics.map(({ line, message }) => `${line}: ${message}`);
    }
  };
  assert.match(messages('    needs: { cpus: 2 }\n').join('\n'), /^6: unknown key "cpus"$/);
  assert.match(messages('    needs: { cpu: 0.5 }\n').join('\n'), /^6: /);
  assert.match(messages('    timeLimit: 2 hours\n').join('\n'), /^6: "2 hours"/);
  assert.match(messages('    timeLimit: ""\n').join('\n'), /^6: ""/);
  assert.match(messages('    retry: { growMemory: 2 }\n').join('\n'), /^6: "times" is missing/);
});
