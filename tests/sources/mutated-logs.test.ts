import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CHAT_CORPORA } from '../soak/chat-logs.ts';
import { flipByte, randomFrom } from '../soak/mutate.ts';
import { tempDir } from '../artifacts/on-disk.ts';
import { readSource } from './read-source.ts';

test(
  'one byte changed anywhere in a log or table: all messages but those next to it are still there',
  { timeout: 120_000 },
  async (t) => {
    // A table without one of its columns is not read, and that is said.
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
        return { said: conversations.flatMap(({ messages }) => messages.map(({ text }) => text)), tally };
      };
      const whole = await texts(bytes);
      for (let seed = 0; seed < 120; seed++) {
        const { said, tally } = await texts(flipByte(bytes, randomFrom(seed)));
        const gone = whole.said.filter((text) => !said.includes(text));
        const headless = tally.skipped.first.some(({ reason }) => /no column/.test(reason));
        assert.ok(
          gone.length <= 2 || headless,
          `${name}, seed ${seed}: ${gone.length} of ${whole.said.length} messages are gone; ${JSON.stringify([tally.dropped, tally.skipped.first])}`,
        );
      }
    }
  },
);
