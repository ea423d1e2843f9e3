import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { get_encoding } from 'tiktoken';
import { gpt2 } from '../../src/tokenizer/gpt2/identity.ts';
import { openTokenizer } from '../../src/tokenizer/open-tokenizer.ts';
import { NO_SHARED_DATA, sharedData } from '../artifacts/on-disk.ts';

const tokenizer = openTokenizer(gpt2);
const reference = get_encoding('gpt2');

test("all of the real chats give the ids of OpenAI's encoder", (t) => {
  const dirs = [sharedData('self-dialogue'), sharedData('ubuntu-irc')].filter((dir) => dir !== null);
  if (dirs.length === 0) return t.skip(NO_SHARED_DATA);
  for (const dir of dirs) {
    for (const name of readdirSync(dir)) {
      const text = readFileSync(join(dir, name), 'utf8');
      const [ids, wanted] = [tokenizer.encode(text), reference.encode_ordinary(text)];
      assert.ok(ids.length === wanted.length && ids.every((id, i) => id === wanted[i]), name);
    }
  }
});
