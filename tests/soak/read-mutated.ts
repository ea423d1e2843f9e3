import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SourceFormat } from '../../src/sources/format-names.ts';
import type { Tally } from '../../src/sources/tally.ts';
import { readSource, type Choices } from '../sources/read-source.ts';
import type { Random } from './mutate.ts';

/** A small export of one format. */
export interface Corpus {
  name: string;
  format: SourceFormat;
  choices?: Choices;
  files: Record<string, Buffer>;
}

/**
 * Reads the corpus with one of its files changed. Throws if the reader throws, if its counts do not add up (which
 * `readSource` checks), if it does not return as many messages as it counted, or if line breaks are not normalized.
 */
export async function readMutated(
  { format, choices, files }: Corpus,
  change: (bytes: Buffer, random: Random) => Buffer,
  random: Random,
): Promise<Tally> {
  const dir = mkdtempSync(join(tmpdir(), 'chat-runner-soak-'));
  try {
    const paths = Object.keys(files);
    const changed = paths[random(paths.length)]!;
    for (const [path, bytes] of Object.entries(files)) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), path === changed ? change(bytes, random) : bytes);
    }
    const { conversations, tally } = await readSource(format, dir, choices);
    const messages = conversations.flatMap((conversation) => conversation.messages);
    assert.equal(messages.length, tally.kept, 'returns as many messages as it counted');
    for (const { from, time, text } of messages) {
      assert.ok(!/[\n\r\u2028\u2029\u0085]/.test(from), 'a name is one line');
      assert.ok(
        !(format === 'text' ? /\n/ : /\n\n|^\n|\n$|[\r\u2028\u2029\u0085]/).test(text),
        'lines of a message are separated by single LFs',
      ); // plain text is verbatim
      assert.ok(
        time === null || (Number.isFinite(time) && Number.isInteger(time)),
        'a time is an integer number of milliseconds',
      );
    }
    return tally;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
