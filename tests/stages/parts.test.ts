import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { openParts, partName } from '../../src/artifacts/parts/parts.ts';
import { sweepParts } from '../../src/store/sweep-parts.ts';
import { tempDir } from '../artifacts/on-disk.ts';
import { asMojibake } from '../sources/read-source.ts';
import { digestOf, runStage, textsOf, type Ran } from './run-data-stage.ts';

/** A folder of chats on which ingest and tokenize must write identical bytes with and without cached parts. */
interface Corpus {
  format: string;
  params?: object;
  nameOf(file: number): string;
  contentOf(file: number, edition: number): string;
}

const words = 'river stone lamp whisper orange seven cloud ever never maybe tomorrow ça 👍 ok where'.split(' ');
function sentence(seed: number): string {
  let state = Math.imul(seed + 1, 2654435761) >>> 0;
  const chosen: string[] = [];
  for (let i = 0; i < 12; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    chosen.push(words[(state >>> 16) % words.length]!);
  }
  return `${chosen.join(' ')} ${seed}`;
}
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const corpora: Corpus[] = [
  {
    format: 'jsonl',
    nameOf: (file) => `${file}.jsonl`,
    contentOf: (file, edition) =>
      range(90)
        .map((line) =>
          line % 33 === 5
            ? '{"turns": [3]}'
            : JSON.stringify({
                turns: range(6).map((turn) => ({
                  from: `P${(file * 7 + turn) % 90}`,
                  time: (line * 6 + turn) * 7e8,
                  text: `${sentence(file * 1e4 + edition * 1e3 + line * 6 + turn)}${turn === 3 ? '\nmore' : ''} mail me@x.org`,
                })),
              }),
        )
        .join('\n'),
  },
  {
    format: 'messenger',
    params: {
      splitAfterHours: 3,
      keep: { minChars: 45, minMessages: 2 },
      names: { aliases: { 'Person 3': 'Tom' } },
      mergeWithinSeconds: 60,
    },
    nameOf: (file) => `messages/inbox/thread_${file}/message_1.json`,
    contentOf: (file, edition) =>
      JSON.stringify({
        participants: [{ name: asMojibake('Zoë') }, { name: 'Person' }],
        messages: range(700).map((i) =>
          i % 40 === 7
            ? { sender_name: 'Person', timestamp_ms: 1.5e12 - i * 5e4, type: 'Unsubscribe' }
            : {
                sender_name: asMojibake(i % 3 === 0 ? 'Zoë' : `Person ${file % 5}`),
                timestamp_ms: 1.5e12 - i * 5e6 * (i % 4),
                content: asMojibake(sentence(file * 1e4 + edition * 1e3 + i)),
              },
        ),
        thread_path: `inbox/thread_${file}`,
      }),
  },
  {
    format: 'text',
    nameOf: (file) => `${file}.txt`,
    contentOf: (file, edition) =>
      range(700)
        .map((i) => `${sentence(file * 1e4 + edition * 1e3 + i)}${i % 50 === 0 ? '\n\n' : ''}`)
        .join('\n'),
  },
  {
    format: 'telegram',
    nameOf: (file) => `chat_${file}/result.json`,
    contentOf: (file, edition) =>
      JSON.stringify({
        name: `Chat ${file}`,
        type: 'personal_chat',
        id: file,
        messages: range(500).map((i) => ({
          id: i,
          type: i % 50 === 3 ? 'service' : 'message',
          date_unixtime: `${1.5e9 + i * 1e4 * (i % 3)}`,
          from: `Person ${(file + i) % 7}`,
          text: i % 9 === 4 ? ['see ', { type: 'bold', text: sentence(i) }] : sentence(file * 1e4 + edition * 1e3 + i),
        })),
      }),
  },
  {
    format: 'ubuntu',
    params: { ubuntu: { duplicates: 'keep', bots: ['nick3'] } },
    nameOf: (file) => `2004-${10 + (file % 3)}-${10 + (Math.floor(file / 3) % 20)}-${file}.txt`,
    contentOf: (file, edition) =>
      range(900)
        .map((i) =>
          i % 31 === 4
            ? '=== x has joined #ubuntu'
            : `[${String(Math.floor(i / 60)).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}] <nick${(file + i) % 6}> ${sentence(file * 1e4 + edition * 1e3 + i)}`,
        )
        .join('\n'),
  },
];

const FILES = 80;

function write(dir: string, corpus: Corpus, file: number, edition: number): void {
  const path = join(dir, corpus.nameOf(file));
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, corpus.contentOf(file, edition));
}

async function both(
  dir: string,
  source: string,
  { format, params }: Corpus,
  partsDir?: string,
): Promise<{ ingest: Ran; tokenize: Ran }> {
  const given = partsDir === undefined ? {} : { partsDir };
  const ingest = await runStage('ingest', dir, {
    params: { source: 'chats', format, ...params },
    sources: { source },
    ...given,
  });
  const tokenize = await runStage('tokenize', dir, {
    params: { template: '{name}: {text}', validation: 0.2, leaks: 'allow' },
    inputs: { conversations: ingest.outDir },
    ...given,
  });
  return { ingest, tokenize };
}

const digests = ({ ingest, tokenize }: { ingest: Ran; tokenize: Ran }): string[] =>
  [ingest, tokenize].map(({ outDir }) => digestOf(outDir));
const reused = (ran: Ran): string[] => textsOf(ran.events, 'note').filter((note) => note.includes('unchanged'));

for (const corpus of corpora) {
  test(`${corpus.format}: after any edits, the results with and without cached parts are identical`, async (t) => {
    const [dir, source, partsDir] = [tempDir(t), tempDir(t), join(tempDir(t), 'parts')];
    for (const file of range(FILES)) write(source, corpus, file, 0);
    const cold = await both(dir, source, corpus, partsDir);
    assert.deepEqual(digests(cold), digests(await both(dir, source, corpus)), 'cold');
    assert.deepEqual([...reused(cold.ingest), ...reused(cold.tokenize)], []);
    const again = await both(dir, source, corpus, partsDir);
    assert.deepEqual(digests(again), digests(cold), 'nothing changed');
    assert.equal(reused(again.ingest)[0], `${FILES} of ${FILES} files unchanged: used their cached conversations`);
    assert.match(reused(again.tokenize)[0]!, /^(\d+) of \1 blocks/);
    let edition = 0;
    const edits = fc.array(fc.tuple(fc.nat(FILES - 1), fc.constantFrom('change', 'remove')), {
      minLength: 1,
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(edits, async (changes) => {
        edition++;
        for (const [file, what] of changes) {
          if (what === 'remove') rmSync(join(source, corpus.nameOf(file)), { force: true });
          else write(source, corpus, file, edition);
        }
        const incremental = await both(dir, source, corpus, partsDir);
        assert.deepEqual(digests(incremental), digests(await both(dir, source, corpus)));
        assert.match(reused(incremental.ingest)[0]!, /^[78]\d of [78]\d files unchanged/);
      }),
      { numRuns: 2, seed: 7 },
    );
  });
}

test('damaged, truncated, empty or swapped packs do not change the result', async (t) => {
  const [dir, source, partsDir] = [tempDir(t), tempDir(t), join(tempDir(t), 'parts')];
  const corpus = corpora[0]!;
  for (const file of range(FILES)) write(source, corpus, file, 0);
  const cold = await both(dir, source, corpus, partsDir);
  const names = readdirSync(partsDir);
  assert.equal(names.length, 2, 'a pack for each stage');
  const [one, two] = names.map((name) => readFileSync(join(partsDir, name))) as [Buffer, Buffer];
  const flipped = (bytes: Buffer): Buffer =>
    bytes.map((byte, offset) => (offset % 40_000 === 77 ? byte ^ 1 : byte)) as Buffer;
  const damaged: [Buffer, Buffer][] = [
    [flipped(one), flipped(two)],
    [one.subarray(0, -1), two.subarray(1)],
    [Buffer.alloc(0), one],
    [Buffer.concat([one, two]), Buffer.concat([two, one])],
  ];
  for (const bytes of damaged) {
    names.forEach((name, i) => writeFileSync(join(partsDir, name), bytes[i]!));
    for (const name of readdirSync(partsDir)) if (!names.includes(name)) rmSync(join(partsDir, name));
    assert.deepEqual(digests(await both(dir, source, corpus, partsDir)), digests(cold));
  }
});

test('after one file is changed, added, removed or renamed, only that file is read and packed', async (t) => {
  const [dir, source, partsDir] = [tempDir(t), tempDir(t), join(tempDir(t), 'parts')];
  const corpus = corpora[0]!;
  for (const file of range(FILES)) write(source, corpus, file, 0);
  await both(dir, source, corpus, partsDir);
  const edits: [what: string, edit: () => void, cached: number, all: number][] = [
    ['changed', () => write(source, corpus, 17, 1), FILES - 1, FILES],
    ['added', () => write(source, corpus, FILES, 0), FILES, FILES + 1],
    ['removed', () => rmSync(join(source, '3.jsonl')), FILES, FILES],
    ['renamed', () => renameSync(join(source, '4.jsonl'), join(source, 'four.jsonl')), FILES - 1, FILES],
  ];
  for (const [what, edit, cached, all] of edits) {
    edit();
    const before = readdirSync(partsDir);
    const after = await both(dir, source, corpus, partsDir);
    assert.deepEqual(digests(after), digests(await both(dir, source, corpus)), what);
    assert.deepEqual(
      reused(after.ingest),
      [`${cached} of ${all} files unchanged: used their cached conversations`],
      what,
    );
    const fresh = readdirSync(partsDir)
      .filter((name) => !before.includes(name))
      .map((name) => statSync(join(partsDir, name)).size);
    assert.ok(fresh.length <= 2 && Math.max(0, ...fresh) < 6e6, `${what}: ${fresh}`);
  }
});

test('other params use other parts; a parts folder that cannot be written only costs time', async (t) => {
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

test('ingest stores no parts when it filters out or hides people or data', async (t) => {
  const [dir, source, partsDir] = [tempDir(t), tempDir(t), join(tempDir(t), 'parts')];
  const corpus = corpora[0]!;
  for (const file of range(FILES)) write(source, corpus, file, 0);
  const hiding = [
    { redact: ['emails'] },
    { keep: { notPeople: ['P7'] } },
    { keep: { onlyAmong: ['P1', 'P2'], groups: true } },
    { keep: { notThreads: ['5*'] } },
    { names: { replace: 'numbers' } },
  ];
  for (const params of hiding) {
    await runStage('ingest', dir, {
      params: { source: 'chats', format: 'jsonl', ...params },
      sources: { source },
      partsDir,
    }).catch((error: Error) => assert.match(error.message, /no conversations/));
    assert.equal(existsSync(partsDir), false, JSON.stringify(params));
  }
});

test('the sweep deletes old packs, then the least recently used ones above the size limit', (t) => {
  const dir = join(tempDir(t), 'parts');
  const names = range(6).map((i) => partName(['x', i]));
  const packs = names.map((name, i) => {
    const before = directoryNames(dir);
    const parts = openParts(dir)!;
    parts.keep(name, [Buffer.alloc(100, i)]);
    parts.close();
    return readdirSync(dir).find((pack) => !before.includes(pack))!;
  });
  const now = Date.now();
  const daysAgo = (name: string, days: number): void =>
    utimesSync(join(dir, name), now / 1000 - days * 86_400, now / 1000 - days * 86_400);
  packs.forEach((pack, i) => daysAgo(pack, i * 10));
  for (const [name, days] of [
    ['dead.aside', 1],
    ['dead.pack.partial', 1],
    ['being-written.pack.partial', 0],
  ] as const) {
    writeFileSync(join(dir, name), '');
    daysAgo(name, days);
  }
  const parts = openParts(dir)!;
  assert.ok(parts.find(names[5]!));
  parts.close(); // used now
  sweepParts(dir, { nowMs: now + 1000 });
  assert.deepEqual(
    readdirSync(dir).sort(),
    [...[0, 1, 2, 3, 5].map((i) => packs[i]!).filter((_, i) => i !== 3), 'being-written.pack.partial'].sort(),
  );
  sweepParts(dir, { nowMs: now + 1000, maxBytes: 500 });
  assert.deepEqual(
    readdirSync(dir).sort(),
    [packs[0], packs[5], 'being-written.pack.partial'].sort(),
    'two packs of 228 bytes each fit',
  );
  rmSync(dir, { recursive: true });
  sweepParts(dir);
});

const directoryNames = (dir: string): string[] => (existsSync(dir) ? readdirSync(dir) : []);
