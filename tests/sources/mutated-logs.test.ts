import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CHAT_CORPORA } from '../soak/chat-logs.ts';
import { flipByte, randomFrom } from '../soak/mutate.ts';
import { tempDir } from '../artifacts/on-disk.ts';
import { readSource } from './read-source.ts';

test(
  'after changing one byte of a log or table, only messages next to it are lost',
  { timeout: 120_000 },
  async (t) => {
    // A change in the header can lose a column. Then the whole table is rejected, and the reason is reported.
    const corpora = CHAT_CORPORA.filter(
      ({ name, files }) =>
        Object.keys(files).length <= 2 && !/tgz|tar|zip|iphone|telegram|sampled|tsv|^text|conversations/.test(name),
    );
    for (const { name, format, choices, files } of corpora) {
      const [place, bytes] = Object.entries(files)[0]!;
      const dir = tempDir(t);
      const texts = async (content: Buffer) => {
        writeFileSync(join(dir, place), content);
        const { conversations, tally } = await readSource(format, dir, choices);
        return { received: conversations.flatMap(({ messages }) => messages.map(({ text }) => text)), tally };
      };
      const whole = await texts(bytes);
      for (let seed = 0; seed < 120; seed++) {
        const { received, tally } = await texts(flipByte(bytes, randomFrom(seed)));
        const gone = whole.received.filter((text) => !received.includes(text));
        const headless = tally.skipped.first.some(({ reason }) => /no column/.test(reason));
        assert.ok(
          gone.length <= 2 || headless,
          `${name}, seed ${seed}: ${gone.length} of ${whole.received.length} messages are gone; ${JSON.stringify([tally.dropped, tally.skipped.first])}`,
        );
      }
    }
  },
);
