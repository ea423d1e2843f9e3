import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Conversation } from '../../src/artifacts/conversations.ts';
import { projectRoot } from '../../src/files/project-root.ts';
import { datasetsPython } from '../bench/datasets-python.ts';
import { CONVERSATIONS, ran } from './ran-conversations.ts';
import { rowsOf } from './trainer-rules.ts';

/** Texts that readers of JSON have stumbled over. */
const TEXTS = [
  '2019-05-04 17:30:00',
  '12345678901234567890',
  'null',
  'a\u0000b',
  'a\u2028b\u0085c',
  '👩‍👩‍👧 \ud83d alone',
  '"quoted" \\ {"role": "user"}',
  'long '.repeat(50_000),
];

test('the real datasets library reads every sample as it was written', async (context) => {
  let python: string;
  try {
    python = datasetsPython();
  } catch {
    return context.skip("pip cannot install Hugging Face's datasets");
  }
  const odd: Conversation[] = TEXTS.map((text, i) => ({
    id: `odd-${i}`,
    messages: ['Bob', 'Ann', 'Bob', 'Ann'].map((from, m) => ({ from, time: m, text: m < 2 ? text : `${text} ${i}` })),
  }));
  const { dir, see } = await ran(context, {
    conversations: [...odd, ...CONVERSATIONS],
    tokenize: { tokens: { template: '{name}: {text}', validation: 0.2, test: 0.1, leaks: 'allow' } },
  });
  for (const as of ['messages', 'sharegpt']) {
    const out = join(dir, as);
    const { code, output } = await see('latest', out, '--as', as);
    assert.equal(code, 0, output);
    const read = JSON.parse(
      execFileSync(python, [join(projectRoot(), 'tests', 'cli', 'read-training-set.py'), out], {
        encoding: 'utf8',
        env: { ...process.env, HF_HOME: join(dir, 'hf'), HF_HUB_OFFLINE: '1' },
        maxBuffer: 1 << 28,
      }),
    ) as Record<string, unknown[]>;
    assert.deepEqual(Object.keys(read), ['train', 'validation', 'test']);
    for (const [split, rows] of Object.entries(read)) assert.deepEqual(rows, rowsOf(join(out, `${split}.jsonl`)));
  }
});
