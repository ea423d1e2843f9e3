import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { openParts, partName } from '../../src/artifacts/parts.ts';
import { sweepParts } from '../../src/run/sweep-parts.ts';
import { tempDir } from '../artifacts/on-disk.ts';
import { asMojibake } from '../sources/read-source.ts';
import { digestOf, runStage, textsOf, type Ran } from './run-data-stage.ts';

/** What two stages make of a folder, with parts and without, must be the same to the last byte. */
interface Corpus {
  format: string;
  params?: object;
  nameOf(file: number): string;
  contentOf(file: number, edition: number): string;
}

const words = 'river stone lamp whisper orange seven cloud ever never maybe tomorrow ça 👍 ok where'.split(' ');
function sentence(seed: number): string {
  let state = Math.imul(seed + 1, 2654435761) >>> 0;
  const said: string[] = [];
  for (let i = 0; i < 12; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    said.push(words[(state >>> 16) % words.length]!);
  }
  return `${said.join(' ')} ${seed}`;
}
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const corpora: Corpus[] = [
  {
    format: 'jsonl',
    nameOf: (file) => `${file}.jsonl`,
    contentOf: (file, edition) => range(70).map((line) => (line % 33 === 5 ? '{"turns": [3]}' : JSON.stringify({ turns: range(6).map((turn) => ({ from: `P${(file * 7 + turn) % 90}`, time: (line * 6 + turn) * 7e8, text: `${sentence(file * 1e4 + edition * 1e3 + line * 6 + turn)}${turn === 3 ? '\nmore' : ''} mail me@x.org` })) }))).join('\n'),
  },
  {
    format: 'messenger',
    params: { splitAfterHours: 3, keep: { minChars: 45, minMessages: 2 }, names: { aliases: { 'Person 3': 'Tom' } }, mergeWithinSeconds: 60 },
    nameOf: (file) => `messages/inbox/thread_${file}/message_1.json`,
    contentOf: (file, edition) =>
      JSON.stringify({
        participants: [{ name: asMojibake('Zoë') }, { name: 'Person' }],
        messages: range(700).map((i) => (i % 40 === 7 ? { sender_name: 'Person', timestamp_ms: 1.5e12 - i * 5e4, type: 'Unsubscribe' } : { sender_name: asMojibake(i % 3 === 0 ? 'Zoë' : `Person ${file % 5}`), timestamp_ms: 1.5e12 - i * 5e6 * (i % 4), content: asMojibake(sentence(file * 1e4 + edition * 1e3 + i)) })),
        thread_path: `inbox/thread_${file}`,
      }),
  },
  {
    format: 'text',
    nameOf: (file) => `${file}.txt`,
    contentOf: (file, edition) => range(500).map((i) => `${sentence(file * 1e4 + edition * 1e3 + i)}${i % 50 === 0 ? '\n\n' : ''}`).join('\n'),
  },
];

const FILES = 120;

function write(dir: string, corpus: Corpus, file: number, edition: number): void {
  const path = join(dir, corpus.nameOf(file));
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, corpus.contentOf(file, edition));
}

async function both(dir: string, source: string, { format, params }: Corpus, partsDir?: string): Promise<{ ingest: Ran; tokenize: Ran }> {
  const given = partsDir === undefined ? {} : { partsDir };
  const ingest = await runStage('ingest', dir, { params: { source: 'chats', format, ...params }, sources: { source }, ...given });
  const tokenize = await runStage('tokenize', dir, { params: { template: '{name}: {text}', validation: 0.2 }, inputs: { conversations: ingest.outDir }, ...given });
  return { ingest, tokenize };
}

const digests = ({ ingest, tokenize }: { ingest: Ran; tokenize: Ran }): string[] => [ingest, tokenize].map(({ outDir }) => digestOf(outDir));
const reused = (ran: Ran): string[] => textsOf(ran.events, 'note').filter((note) => note.includes('as before'));

for (const corpus of corpora) {
  test(`${corpus.format}: after any edits, what is made with parts is what is made without`, async (t) => {
    const [dir, source, partsDir] = [tempDir(t), tempDir(t), join(tempDir(t), 'parts')];
    for (const file of range(FILES)) write(source, corpus, file, 0);
    const cold = await both(dir, source, corpus, partsDir);
    assert.deepEqual(digests(cold), digests(await both(dir, source, corpus)), 'cold');
    assert.deepEqual([...reused(cold.ingest), ...reused(cold.tokenize)], []);
    const again = await both(dir, source, corpus, partsDir);
    assert.deepEqual(digests(again), digests(cold), 'nothing changed');
    assert.equal(reused(again.ingest)[0], `${FILES} of ${FILES} files as before, not read again`);
    assert.match(reused(again.tokenize)[0]!, /^(\d+) of \1 blocks/);
    let edition = 0;
    const edits = fc.array(fc.tuple(fc.nat(FILES - 1), fc.constantFrom('change', 'remove')), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(edits, async (changes) => {
        edition++;
        for (const [file, what] of changes) {
          if (what === 'remove') rmSync(join(source, corpus.nameOf(file)), { force: true });
          else write(source, corpus, file, edition);
        }
        const incremental = await both(dir, source, corpus, partsDir);
        assert.deepEqual(digests(incremental), digests(await both(dir, source, corpus)));
        assert.match(reused(incremental.ingest)[0]!, /^1[12]\d of 1[12]\d files as before|^\d\d of/);
      }),
      { numRuns: 2, seed: 7 },
    );
  });
}

test('a part that is damaged, cut, misnamed or gone is a miss, and the result the same', async (t) => {
  const [dir, source, partsDir] = [tempDir(t), tempDir(t), join(tempDir(t), 'parts')];
  const corpus = corpora[0]!;
  for (const file of range(FILES)) write(source, corpus, file, 0);
  const cold = await both(dir, source, corpus, partsDir);
  const names = readdirSync(partsDir).sort();
  assert.ok(names.length > FILES && names.every((name) => /^[0-9a-f]{64}$/.test(name)));
  for (const [i, name] of names.entries()) {
    const path = join(partsDir, name);
    const bytes = readFileSync(path);
    if (i % 5 === 0) bytes[(i * 7919) % bytes.length]! ^= 1;
    if (i % 5 === 4) writeFileSync(path, readFileSync(join(partsDir, names[(i + 1) % names.length]!)));
    else if (i % 5 === 3) rmSync(path);
    else writeFileSync(path, i % 5 === 1 ? bytes.subarray(0, bytes.length - 3) : i % 5 === 2 ? new Uint8Array(0) : bytes);
  }
  const after = await both(dir, source, corpus, partsDir);
  assert.deepEqual(digests(after), digests(cold));
  assert.deepEqual([...reused(after.ingest), ...reused(after.tokenize)], []);
});

test('another choice: other parts; a folder that cannot be written costs nothing but time', async (t) => {
  const [dir, source, partsDir] = [tempDir(t), tempDir(t), join(tempDir(t), 'parts')];
  const corpus = corpora[0]!;
  for (const file of range(FILES)) write(source, corpus, file, 0);
  await both(dir, source, corpus, partsDir);
  const short = { ...corpus, params: { keep: { minChars: 80 } } };
  const chosen = await both(dir, source, short, partsDir);
  assert.deepEqual(reused(chosen.ingest), []);
  assert.deepEqual(digests(chosen), digests(await both(dir, source, short)));
  const refused = join(dir, 'a-file');
  writeFileSync(refused, '');
  assert.deepEqual(digests(await both(dir, source, corpus, refused)), digests(await both(dir, source, corpus)));
});

test('where somebody or something is to stay out or unknown, ingest keeps no parts', async (t) => {
  const [dir, source, partsDir] = [tempDir(t), tempDir(t), join(tempDir(t), 'parts')];
  const corpus = corpora[0]!;
  for (const file of range(FILES)) write(source, corpus, file, 0);
  const hiding = [{ redact: ['emails'] }, { keep: { notPeople: ['P7'] } }, { keep: { onlyAmong: ['P1', 'P2'], groups: true } }, { keep: { notThreads: ['5*'] } }, { names: { replace: 'numbers' } }];
  for (const params of hiding) {
    await runStage('ingest', dir, { params: { source: 'chats', format: 'jsonl', ...params }, sources: { source }, partsDir }).catch((error: Error) => assert.match(error.message, /no conversations/));
    assert.equal(existsSync(partsDir), false, JSON.stringify(params));
  }
});

test('parts are kept and found; the sweep takes what is old, and the longest unused beyond the bound', async (t) => {
  const dir = join(tempDir(t), 'parts');
  const parts = openParts(dir)!;
  const names = range(6).map((i) => partName(['x', i]));
  assert.equal(await parts.find(names[0]!), null);
  await Promise.all(names.map((name, i) => parts.keep(name, [Buffer.from('ab'), Buffer.alloc(100, i)])));
  assert.equal((await parts.find(names[5]!))!.toString('latin1'), `ab${'\u0005'.repeat(100)}`);
  const now = Date.now();
  names.forEach((name, i) => utimesSync(join(dir, name), (now - i * 10 * 86_400_000) / 1000, (now - i * 10 * 86_400_000) / 1000));
  writeFileSync(join(dir, 'x.aside'), '');
  utimesSync(join(dir, 'x.aside'), now / 1000 - 4000, now / 1000 - 4000);
  await parts.find(names[2]!); // used now
  sweepParts(dir, { nowMs: now + 1000 });
  assert.deepEqual(readdirSync(dir).sort(), [0, 1, 2].map((i) => names[i]!).sort());
  sweepParts(dir, { nowMs: now + 1000, mostBytes: 400 });
  assert.deepEqual(readdirSync(dir).sort(), [0, 2].map((i) => names[i]!).sort(), 'of 166 bytes each two fit');
  rmSync(dir, { recursive: true });
  sweepParts(dir);
});
