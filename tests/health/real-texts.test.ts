import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../src/files/project-root.ts';
import { healthOf } from '../../src/health/health.ts';
import type { HealthText } from '../../src/health/text.ts';
import { permutation, randomAt } from '../../src/lm/random/random.ts';

const DATA = resolve(projectRoot(), '../shared/data/self-dialogue');

test(
  'real texts part from other real texts as rarely as the level says, although each is by somebody else',
  { skip: existsSync(DATA) ? false : `${DATA} is not there` },
  () => {
    const texts = ['movies', 'music'].flatMap((topic) =>
      readFileSync(join(DATA, `${topic}.jsonl`), 'utf8')
        .trim()
        .split('\n')
        .map((line): HealthText =>
          (JSON.parse(line) as { turns: string[] }).turns.map((text, i) => ({ text: text.trim(), isWritten: i >= 2 })),
        ),
    );
    let parted = 0;
    for (let sample = 0; sample < 60; sample++) {
      const few = [4, 20, 60][sample % 3]!;
      const order = [...permutation(randomAt(1, sample, 'questions'), texts.length)].map((i) => texts[i]!);
      if (healthOf(order.slice(0, few), order.slice(few, few + 200)).parts.length > 0) parted++;
    }
    assert.ok(parted <= 4, `${parted} of 60 samples parted`);
  },
);
