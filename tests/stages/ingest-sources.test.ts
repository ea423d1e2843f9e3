import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Conversation } from '../../src/artifacts/conversations.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { checkSourceParams } from '../../stages/ingest/source-params.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { digestOf, runStage, textsOf, type Ran } from './run-data-stage.ts';

const day = (date: number): string => String(date).padStart(2, '0');
/** A WhatsApp log: ten messages a day. */
const whatsapp = (from: number, until: number, more = ''): string =>
  Array.from({ length: (until - from) * 10 }, (_, i) => {
    const number = from * 10 + i;
    const [date, minute] = [Math.floor(number / 10), number % 10];
    return `${day(date)}/03/21, 10:0${minute} - ${number % 2 ? 'Ann' : 'Ben'}: ${number % 3 ? `message ${date}-${minute} about the lake` : 'ok'}`;
  }).join('\n') + more;
const telegram = {
  name: 'Ben',
  id: 9,
  messages: [1, 2, 3].map((i) => ({
    id: i,
    type: 'message',
    date_unixtime: String(1_616_000_000 + i * 60),
    from: i % 2 ? 'Benny' : 'Ann',
    text: `telegram ${i}`,
  })),
};
const table = 'who,when,what\nB. Example,2021-03-05T10:00:00Z,from a table\n';

interface Given {
  path: string;
  [option: string]: unknown;
}

function ingest(dir: string, sources: Given[], more: object = {}, partsDir?: string): Promise<Ran> {
  return runStage('ingest', dir, {
    params: { sources: sources.map((given) => ({ ...given, path: `./${given.path}` })), ...more },
    sources: Object.fromEntries(sources.map(({ path }, i) => [`sources.${i}.path`, join(dir, path)])),
    ...(partsDir === undefined ? {} : { partsDir }),
  });
}

const conversationsOf = ({ outDir }: Ran): Conversation[] =>
  readFileSync(join(outDir, 'conversations.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Conversation);
const reportOf = ({ outDir }: Ran) =>
  JSON.parse(readFileSync(join(outDir, 'report.json'), 'utf8')) as Record<string, any>;

function files(t: TestContext, given: Record<string, unknown>): string {
  const dir = tempDir(t);
  writeFiles(dir, given);
  return dir;
}

test('one person in several apps: each source in its own format, and aliases across them', async (t) => {
  const dir = files(t, {
    'wa/WhatsApp Chat with Ben.txt': whatsapp(1, 3),
    'tg/result.json': telegram,
    'x.csv': table,
  });
  const ran = await ingest(
    dir,
    [
      { path: 'wa', format: 'whatsapp', timeZone: 'Europe/Sofia' },
      { path: 'tg' },
      { path: 'x.csv', format: 'csv', columns: { from: 'who', time: 'when', text: 'what' } },
    ],
    { names: { aliases: { Benny: 'Ben', 'B. Example': 'Ben' } } },
  );
  const conversations = conversationsOf(ran);
  assert.deepEqual(
    conversations.map(({ id, messages }) => [id, messages.length, messages[0]!.from]),
    [
      ['sources.0/WhatsApp Chat with Ben.txt', 20, 'Ben'],
      ['sources.1/result.json#9', 3, 'Ben'],
      ['sources.2/1', 1, 'Ben'],
    ],
  );
  assert.equal(conversations[0]!.messages[0]!.time, Date.UTC(2021, 2, 1, 8), 'the time zone of the first source only');
  assert.deepEqual(
    textsOf(ran.events, 'note').filter((text) => text.includes('looks like')),
    ['./tg looks like `format: telegram`'],
  );
  assert.deepEqual([reportOf(ran)['people'], reportOf(ran)['messages']], [2, 24]);
});

test('places are shown with the path of their source, but paths are not part of the result', async (t) => {
  const bad = 'broken\n{"turns": [{"from": "Ann", "text": "hello"}]}\n';
  const digests: string[] = [];
  for (const name of ['one', 'two']) {
    const dir = files(t, { [`${name}/a.jsonl`]: bad, [`${name}.jsonl`]: bad, 'x.txt': whatsapp(1, 2) });
    const ran = await ingest(dir, [
      { path: 'x.txt', format: 'whatsapp' },
      { path: name, format: 'jsonl' },
      { path: `${name}.jsonl`, format: 'jsonl' },
    ]);
    assert.deepEqual(
      textsOf(ran.events, 'warning')
        .filter((text) => text.startsWith('skipped'))
        .map((text) => text.split(': ')[0]),
      [`skipped ./${name}/a.jsonl:1`, `skipped ./${name}.jsonl:1`],
    );
    const log = [...textsOf(ran.events, 'note'), ...textsOf(ran.events, 'warning')];
    assert.ok(log.some((text) => text.startsWith('./x.txt: WhatsApp log')));
    assert.deepEqual(
      reportOf(ran)['skipped'].first.map(({ place }: { place: string }) => place),
      ['sources.1/a.jsonl:1', 'sources.2:1'],
    );
    digests.push(digestOf(ran.outDir));
  }
  assert.equal(digests[0], digests[1]);
});

test('overlapping exports, within a source and across sources of any format, give every message once', async (t) => {
  const asTelegram = (text: string) => ({
    name: 'Ben',
    id: 9,
    messages: text.split('\n').map((line, i) => {
      const [, date, minute, from, body] = /^(\d+)\/.*:(\d+) - (\w+): (.*)$/.exec(line)!;
      const time = Date.UTC(2021, 2, Number(date), 10, Number(minute)) / 1000;
      return { id: i, type: 'message', date_unixtime: `${time}`, from: from === 'Ben' ? 'Benny' : from, text: body };
    }),
  });
  const dir = files(t, {
    'wa/chat.txt': whatsapp(5, 17),
    'wa/chat (1).txt': whatsapp(11, 23),
    'tg/result.json': asTelegram(whatsapp(19, 29)),
  });
  const sources = [
    { path: 'tg', format: 'telegram' },
    { path: 'wa', format: 'whatsapp' },
  ];
  for (const more of [{}, { names: { replace: 'numbers' } }]) {
    const names = { aliases: { Benny: 'Ben' }, ...(more as { names?: object }).names };
    const ran = await ingest(dir, sources, { ...more, names, splitAfterHours: 6 });
    const messages = conversationsOf(ran).flatMap((conversation) => conversation.messages);
    assert.equal(messages.length, 240);
    assert.equal(new Set(messages.map(({ time, text }) => `${time} ${text}`)).size, 240);
    assert.ok(
      messages.every(({ time }, i) => i === 0 || time! >= messages[i - 1]!.time!),
      'in order',
    );
    assert.equal(reportOf(ran)['dropped']['in another export too'], 100);
    assert.ok(
      textsOf(ran.events, 'note').some((text) => /^3 files overlap: 100 messages .* were left out$/.test(text)),
    );
    assert.deepEqual(textsOf(ran.events, 'warning'), []);
  }
  const sampled = await ingest(dir, sources, {
    names: { aliases: { Benny: 'Ben' } },
    sample: { conversations: 9, seed: 0 },
  });
  assert.equal(conversationsOf(sampled)[0]!.messages.length, 240);
});

test('what may be one chat or two is kept, with a warning that names both files', async (t) => {
  const later = whatsapp(1, 9).replaceAll(', 10:', ', 17:');
  const dir = files(t, { 'wa/chat.txt': whatsapp(1, 9), 'wa/chat (1).txt': later });
  const ran = await runStage('ingest', dir, {
    params: { source: './wa', format: 'whatsapp' },
    sources: { source: join(dir, 'wa') },
  });
  assert.equal(reportOf(ran)['messages'], 160);
  const [warning, ...others] = textsOf(ran.events, 'warning').filter((text) => text.includes(' in both'));
  assert.match(
    warning!,
    /^\.\/wa\/chat\.txt and \.\/wa\/chat \(1\)\.txt: \d+ long texts in both, |^\.\/wa\/chat \(1\)\.txt and \.\/wa\/chat\.txt: \d+ long texts in both, /,
  );
  assert.deepEqual(others, []);
  assert.deepEqual(
    reportOf(ran)['undecided'].map(({ files: pair }: { files: string[] }) => pair),
    [['chat (1).txt', 'chat.txt']],
  );
});

test('with cached units, overlapping exports give the same bytes', async (t) => {
  const long = (from: number, until: number): string =>
    whatsapp(1, 29)
      .split('\n')
      .flatMap((line) => Array.from({ length: 60 }, (_, i) => `${line} ${i} ${'and so on '.repeat(20)}`))
      .slice(from * 100, until * 100)
      .join('\n');
  const dir = files(t, {
    'wa/a.txt': long(0, 90),
    'wa/b.txt': long(80, 168),
    'wa/c.txt': whatsapp(1, 4).replaceAll('Ben', 'Carl'),
  });
  const run = (partsDir?: string): Promise<Ran> =>
    ingest(dir, [{ path: 'wa', format: 'whatsapp' }], { splitAfterHours: 3 }, partsDir);
  const plain = await run();
  const parts = join(dir, 'parts');
  const [first, second] = [await run(parts), await run(parts)];
  assert.equal(reportOf(plain)['dropped']['in another export too'], 1000);
  assert.deepEqual([digestOf(first.outDir), digestOf(second.outDir)], [digestOf(plain.outDir), digestOf(plain.outDir)]);
  assert.ok(textsOf(second.events, 'note').some((text) => text.includes('used their cached conversations')));
});

test('a source without messages fails and is named; a source whose messages are all filtered or copies does not', async (t) => {
  const dir = files(t, { 'wa.txt': whatsapp(1, 5), 'same.txt': whatsapp(1, 5), 'tg/result.json': telegram });
  await assert.rejects(
    ingest(dir, [
      { path: 'wa.txt', format: 'whatsapp' },
      { path: 'tg', format: 'jsonl' },
    ]),
    (error: StageInputError) =>
      error instanceof StageInputError &&
      error.message === 'no conversations in ./tg (sources.1.path): nothing in it has this format' &&
      error.hint === 'it looks like `format: telegram`',
  );
  const both = [
    { path: 'wa.txt', format: 'whatsapp' },
    { path: 'same.txt', format: 'whatsapp' },
  ];
  assert.equal(reportOf(await ingest(dir, both))['messages'], 40);
  const filtered = [
    { path: 'wa.txt', format: 'whatsapp' },
    { path: 'tg', format: 'telegram' },
  ];
  assert.equal(reportOf(await ingest(dir, filtered, { keep: { until: '2021-03-10' } }))['messages'], 40);
  await assert.rejects(
    ingest(dir, filtered, { keep: { until: '2001-03-10' } }),
    /no conversations in \.\/wa\.txt, \.\/tg: .*outside the dates/,
  );
});

test('patterns of threads match with and without the number of the source', async (t) => {
  const dir = files(t, { 'wa/Ann.txt': whatsapp(1, 2), 'wa/Ben.txt': whatsapp(8, 9), 'tg/result.json': telegram });
  const sources = [
    { path: 'wa', format: 'whatsapp' },
    { path: 'tg', format: 'telegram' },
  ];
  const idsWith = async (threads: string[]): Promise<string[]> =>
    conversationsOf(await ingest(dir, sources, { keep: { threads } })).map(({ id }) => id);
  assert.deepEqual(await idsWith(['Ann*']), ['sources.0/Ann.txt']);
  assert.deepEqual(await idsWith(['sources.1/*']), ['sources.1/result.json#9']);
});

test('exactly one of source and sources, and every option where it belongs', () => {
  const faults = (params: object): string[] =>
    checkSourceParams({ format: 'auto', timeZone: 'UTC', ...params }).map(({ path, message }) => `${path}: ${message}`);
  assert.deepEqual(faults({ source: 'x' }), []);
  assert.deepEqual(faults({ sources: [{ path: 'x', format: 'auto' }] }), []);
  assert.deepEqual(faults({}), ['source: "source" is missing']);
  assert.deepEqual(faults({ source: 'x', sources: [{ path: 'x', format: 'auto' }] }), [
    'source: give either source or sources, not both',
  ]);
  assert.deepEqual(
    faults({
      sources: [
        { path: 'x', format: 'csv' },
        { path: 'y', format: 'auto', timeZone: 'Nowhere' },
      ],
    }),
    [
      'sources.0.columns: "columns" is missing: format csv needs the names of the columns',
      'sources.1.timeZone: unknown time zone "Nowhere"; use a name such as Europe/Sofia or America/New_York',
    ],
  );
  assert.deepEqual(faults({ sources: [{ path: 'x', format: 'auto' }], format: 'csv', columns: { text: 'x' } }), [
    'format: with sources, each of them has its own format',
    'columns: with sources, each of them has its own columns',
  ]);
});
