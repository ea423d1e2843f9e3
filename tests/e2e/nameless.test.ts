import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runRunner } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';

const PERSON = /zebulon|quartermaine/i;
const CHAT = '12/31/23, 10:15 - Ann: hi\n12/31/23, 10:16 - Bo: hello\n';

/** What is recorded about runs, without the user's own pipeline and the artifacts. */
function recordsIn(dir: string): { path: string; text: string }[] {
  return readdirSync(dir, { recursive: true })
    .map((name) => join(dir, String(name)))
    .filter(
      (path) =>
        /(events\.jsonl|run\.json|journal\.jsonl|failure\.json|log\.txt)$/.test(path) && statSync(path).isFile(),
    )
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}

test('names of people in file and folder names reach no event, record, journal or log, but the report of the artifact', async (context) => {
  const dir = temporaryDir(context);
  const runs = join(dir, 'runs');
  const source = join(dir, 'WhatsApp Chat with Zebulon Quartermaine');
  mkdirSync(join(source, 'zebulon_1'), { recursive: true });
  writeFileSync(join(source, 'WhatsApp Chat with Zebulon.txt'), CHAT);
  writeFileSync(join(source, 'zebulon_1', 'evil\x1b]0;owned\x07.txt'), Buffer.from([0xff, 0xfe, 0x00]));
  writeFileSync(join(source, 'zebulon_1', 'quartermaine\u202e.zip'), 'no zip');
  const file = (from: string, format: string): string => {
    const path = join(dir, `${format}.yaml`);
    writeFileSync(
      path,
      `name: ${format}\nstages:\n  chat: { kind: ingest, params: { source: ${JSON.stringify(from)}, format: ${format} } }\n`,
    );
    return path;
  };
  const read = await runRunner(['run', file(source, 'whatsapp')], runs);
  const failed = await runRunner(['run', file(source, 'telegram')], runs);
  const one = await runRunner(['run', file(join(source, 'WhatsApp Chat with Zebulon.txt'), 'auto')], runs);
  assert.deepEqual([read.code, failed.code, one.code], [0, 1, 0], read.stdout + failed.stdout + one.stdout);
  const records = recordsIn(runs);
  assert.ok(records.length > 8);
  for (const { path, text } of records) assert.doesNotMatch(text, PERSON, `${path}\n${text}`);
  for (const { stdout, stderr } of [read, failed, one]) assert.doesNotMatch(stdout + stderr, /[\x1b\x07\u202e]/);
  assert.match(read.stdout, /skipped .*WhatsApp Chat with …\/…_1\/…/);
});
