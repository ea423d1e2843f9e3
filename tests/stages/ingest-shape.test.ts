import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { Conversation } from '../../src/artifacts/conversations.ts';
import { redact } from '../../stages/ingest/redact.ts';
import { numberedNames } from '../../stages/ingest/rename.ts';
import { checkShapeParams } from '../../stages/ingest/shape-params.ts';
import { monthsInOrder } from '../../stages/ingest/statistics.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { runStage, textsOf } from './run-data-stage.ts';

type Turn = [from: string, hours: number | null, text: string];

async function shaped(t: TestContext, threads: Record<string, Turn[]>, params: object) {
  const dir = tempDir(t);
  const path = join(dir, 'chats.jsonl');
  const line = ([id, turns]: [string, Turn[]]) =>
    JSON.stringify({
      id,
      turns: turns.map(([from, hours, text]) => ({
        from,
        ...(hours === null ? {} : { time: 1.6e12 + hours * 3.6e6 }),
        text,
      })),
    });
  writeFileSync(path, Object.entries(threads).map(line).join('\n'));
  const { outDir } = await runStage('ingest', dir, {
    params: { source: path, format: 'jsonl', ...params },
    sources: { source: path },
  });
  const conversations = readFileSync(join(outDir, 'conversations.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as Conversation);
  const report = JSON.parse(readFileSync(join(outDir, 'report.json'), 'utf8')) as {
    read: number;
    messages: number;
    merged?: number;
    split?: number;
    withNewlines: number;
    dropped: Record<string, number>;
    people: number;
  };
  const rendered = conversations.map(({ messages }) =>
    messages.map(({ from, text }) => `${from}: ${text}`).join(' | '),
  );
  assert.equal(
    report.read,
    report.messages +
      (report.merged ?? 0) -
      (report.split ?? 0) +
      Object.values(report.dropped).reduce((sum, count) => sum + count, 0),
  );
  assert.equal(
    report.messages,
    conversations.reduce((sum, { messages }) => sum + messages.length, 0),
  );
  return {
    rendered,
    report,
    outDir,
    people: JSON.parse(readFileSync(join(outDir, 'people.json'), 'utf8')) as {
      owner: string | null;
      people: { name: string; messages: number }[];
    },
  };
}

const THREADS: Record<string, Turn[]> = {
  'inbox/ann': [
    ['Ann', 0, 'hello there'],
    ['Me', 1, 'hi'],
    ['Me', 1.001, 'how are you'],
    ['Ann', 30, 'здравей приятел'],
  ],
  'inbox/group': [
    ['Ann', 2, 'who comes'],
    ['Ben', 3, 'I do, see https://example.org/a?b=c'],
    ['Me', 4, 'me too'],
  ],
  'archived/cy': [
    ['Cy', 5, 'https://example.org'],
    ['Me', null, 'thanks'],
  ],
};

test('drops nothing by default; the owner is the person who writes in most threads', async (t) => {
  const { rendered, people, report } = await shaped(t, THREADS, {});
  assert.equal(rendered.length, 3);
  assert.deepEqual(report.dropped, {});
  assert.equal(people.owner, 'Me');
  assert.deepEqual(people.people, [
    { name: 'Me', messages: 4 },
    { name: 'Ann', messages: 3 },
    { name: 'Ben', messages: 1 },
    { name: 'Cy', messages: 1 },
  ]);
});

test('filters people, threads, groups and third parties', async (t) => {
  const withKeep = async (keep: object) => shaped(t, THREADS, { keep });
  assert.deepEqual((await withKeep({ people: ['Ann'] })).rendered, [
    'Ann: hello there | Ann: здравей приятел',
    'Ann: who comes',
  ]);
  assert.deepEqual((await withKeep({ notPeople: ['Me', 'Cy'] })).report.dropped, { 'person not wanted': 5 });
  assert.deepEqual((await withKeep({ groups: false })).report.dropped, { group: 3 });
  assert.deepEqual((await withKeep({ onlyAmong: ['Me', 'Ann'] })).report.dropped, { 'third parties': 5 });
  assert.deepEqual((await withKeep({ threads: ['inbox/*'], notThreads: ['*group'] })).report.dropped, {
    'thread not wanted': 5,
  });
  assert.deepEqual((await withKeep({ minPeople: 3 })).rendered.length, 1);
  assert.deepEqual((await withKeep({ minMessages: 4 })).report.dropped, { 'conversation too short': 5 });
});

test('filters by dates, links, scripts and lengths', async (t) => {
  const withKeep = async (keep: object) => shaped(t, THREADS, { keep });
  assert.deepEqual((await withKeep({ from: '2020-09-14' })).report.dropped, { 'no time': 1, 'outside the dates': 7 });
  assert.deepEqual((await withKeep({ until: '2020-09-13' })).report.dropped, { 'no time': 1, 'outside the dates': 1 });
  assert.deepEqual((await withKeep({ links: 'drop' })).rendered.slice(1), [
    'Ann: who comes | Ben: I do, see | Me: me too',
    'Me: thanks',
  ]);
  assert.deepEqual((await withKeep({ links: 'drop' })).report.dropped, { 'only a link': 1 });
  assert.deepEqual((await withKeep({ links: 'placeholder' })).rendered.slice(1), [
    'Ann: who comes | Ben: I do, see [link] | Me: me too',
    'Cy: [link] | Me: thanks',
  ]);
  assert.deepEqual((await withKeep({ scripts: ['Latin'] })).report.dropped, { 'other script': 1 });
  assert.deepEqual((await withKeep({ scripts: ['Latin', 'Cyrillic'] })).report.dropped, {});
  assert.deepEqual((await withKeep({ minChars: 3, maxChars: 12 })).report.dropped, { 'too long': 3, 'too short': 1 });
});

test('splits at long silences, then merges consecutive messages of one person', async (t) => {
  const { rendered, report } = await shaped(t, THREADS, { mergeWithinSeconds: 60, splitAfterHours: 24 });
  assert.deepEqual(rendered.slice(0, 2), ['Ann: hello there | Me: hi how are you', 'Ann: здравей приятел']);
  assert.equal(report.merged, 1);
});

test('resolves aliases first, and replaces names consistently, also inside messages', async (t) => {
  const threads: Record<string, Turn[]> = {
    a: [
      ['Ann Lee', 0, 'Ben, is Ann Bee there?'],
      ['Ben', 1, 'ask Ann Lee or Cyril'],
    ],
    b: [
      ['ann.l', 2, 'hi'],
      ['Ben', 3, 'bench'],
    ],
  };
  const { rendered, people } = await shaped(t, threads, {
    names: { owner: 'Ben', aliases: { 'ann.l': 'Ann Lee' }, replace: 'numbers' },
  });
  assert.deepEqual(rendered, [
    'Person 2: Person 1, is Person 2 Bee there? | Person 1: ask Person 2 or Cyril',
    'Person 2: hi | Person 1: bench',
  ]);
  assert.deepEqual(
    people.people.map(({ name }) => name),
    ['Person 1', 'Person 2'],
  );
  const renaming = numberedNames();
  for (const name of ['Ann Lee', 'Ann Bee', 'the', 'X']) renaming.pseudonym(name);
  assert.equal(renaming.inText('Ann and Ann Bee (the X)'), 'Person and Person 2 (the X)');
  const odd = numberedNames();
  for (const name of ['Jo Ok-Bell', 'A.B/C [x] {y} \\d+ (?:z|w)* ^$']) odd.pseudonym(name);
  assert.equal(odd.inText('Jo Ok-Bell, A.B/C [x] {y} \\d+ (?:z|w)* ^$ and AxB/C'), 'Person 1, Person 2 and AxB/C');
});

test('redaction hides e-mail addresses, phone numbers, long numbers and link queries, and nothing else', () => {
  const all = ['emails', 'phones', 'queries', 'numbers'] as const;
  const cases: [string, string][] = [
    ['write to ann.lee+x@mail.example.org, ok?', 'write to [email], ok?'],
    ['call +359 88 123 4567 or (02) 987-6543 now', 'call [phone] or [phone] now'],
    ['0888123456', '[phone]'],
    ['my card 4111111111111111111 and code 123456', 'my card [number] and code [number]'],
    [
      'see https://example.org/watch?v=abc#t=1 and www.x.org/12345678',
      'see https://example.org/watch and www.x.org/12345678',
    ],
    [
      'at 12:30 on 2019-05-04, 4.5.2019, 10 000 people, 1999-2004',
      'at 12:30 on 2019-05-04, 4.5.2019, 10 000 people, 1999-2004',
    ],
    ['версия 12345, 100%', 'версия 12345, 100%'],
  ];
  for (const [text, expected] of cases) assert.equal(redact(text, all), expected);
  assert.equal(redact('a@b.cd 0888123456', []), 'a@b.cd 0888123456');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) =>
      assert.ok(
        !/[\w.]+@\w+\.\w+/.test(redact(text, ['emails'])) && redact(redact(text, all), all) === redact(text, all),
      ),
    ),
  );
});

test('the page shows no repaired strings of people who are filtered out', async (t) => {
  const dir = tempDir(t);
  const message = (sender_name: string, content: string) => ({ sender_name, timestamp_ms: 1, content });
  writeFiles(dir, {
    'x/messages/inbox/a_1/message_1.json': {
      participants: [],
      messages: [message('Ann', 'caf\u00c3\u00a9'), message('Eve', 'secr\u00c3\u00a9t')],
    },
  });
  const page = async (params: object): Promise<string> => {
    const source = join(dir, 'x');
    const { outDir } = await runStage('ingest', dir, {
      params: { source, format: 'messenger', ...params },
      sources: { source },
    });
    return readFileSync(join(outDir, 'report.html'), 'utf8');
  };
  assert.ok((await page({})).includes('secrét'));
  assert.ok(!(await page({ keep: { notPeople: ['Eve'] } })).includes('secrét'));
});

test('rejects invalid params that the schema cannot detect', () => {
  const keep = {
    people: [],
    notPeople: [],
    onlyAmong: [],
    threads: [],
    notThreads: [],
    groups: true,
    scripts: ['Latinum'],
    minChars: 5,
    maxChars: 4,
    links: 'keep',
    minMessages: 1,
    minPeople: 1,
    from: '2020-02-31',
    until: '2019-01-01',
  } as const;
  assert.deepEqual(
    checkShapeParams({ keep: keep as never }).map(({ path }) => path),
    ['keep.scripts.0', 'keep.from', 'keep.until', 'keep.maxChars'],
  );
});

test('the page shows months, people and reasons, escapes names, and loads nothing', async (t) => {
  const { outDir } = await shaped(
    t,
    { ...THREADS, '<x>': [['<b>Eve</b> & "co"', 0, 'x']] },
    { keep: { links: 'drop' } },
  );
  const page = readFileSync(join(outDir, 'report.html'), 'utf8');
  assert.match(page, /10|9 messages in/);
  assert.ok(page.includes('&lt;b>Eve&lt;/b> &amp; &quot;co&quot;') && !page.includes('<b>Eve'));
  assert.ok(page.includes('only a link') && page.includes('<title>2020-09: '));
  assert.doesNotMatch(page, /(?:src|href)=|url\(|@import/);
  assert.deepEqual(
    monthsInOrder(
      new Map([
        ['2019-11', 1],
        ['2020-02', 2],
        ['', 9],
      ]),
    ),
    [
      ['2019-11', 1],
      ['2019-12', 0],
      ['2020-01', 0],
      ['2020-02', 2],
    ],
  );
});

test('replaces line breaks in a message by a space or a slash, or splits the message', async (t) => {
  const threads: Record<string, Turn[]> = {
    a: [
      ['Ann', 0, '\r\none\n\n two\u2028three\n'],
      ['Me', 1, 'plain'],
      ['Ann', 2, ' \n\u00a0x'],
    ],
  };
  const withNewlines = async (newlines: string, more: object = {}) => shaped(t, threads, { newlines, ...more });
  const plain = await shaped(t, threads, {});
  assert.deepEqual(plain.rendered, ['Ann: one  two three | Me: plain | Ann:   \u00a0x']);
  assert.deepEqual([plain.report.withNewlines, plain.report.split], [2, undefined]);
  assert.deepEqual((await withNewlines('slash')).rendered, ['Ann: one /  two / three | Me: plain | Ann:   / \u00a0x']);
  const split = await withNewlines('split');
  assert.deepEqual(split.rendered, ['Ann: one | Ann:  two | Ann: three | Me: plain | Ann: \u00a0x']);
  assert.deepEqual([split.report.messages, split.report.split, split.report.read], [5, 2, 3]);
});

test('splits lines last: filters see whole messages, and merged messages split only at their line breaks', async (t) => {
  const threads: Record<string, Turn[]> = {
    a: [
      ['Ann', 0, 'a\nb\nc'],
      ['Ann', 0.001, 'd'],
      ['Me', 1, 'x\ny'],
    ],
    b: [['Ben', 0, 'p\nq\nr\ns']],
  };
  const splitWith = async (params: object) => shaped(t, threads, { newlines: 'split', ...params });
  assert.deepEqual((await splitWith({ keep: { minChars: 5 } })).rendered, [
    'Ann: a | Ann: b | Ann: c',
    'Ben: p | Ben: q | Ben: r | Ben: s',
  ]);
  assert.deepEqual((await splitWith({ keep: { minMessages: 2 } })).report.dropped, { 'conversation too short': 1 });
  assert.deepEqual((await splitWith({ mergeWithinSeconds: 60 })).rendered, [
    'Ann: a | Ann: b | Ann: c d | Me: x | Me: y',
    'Ben: p | Ben: q | Ben: r | Ben: s',
  ]);
});

test('a name that many people share gets a number from its thread; filters still match the name alone', async (t) => {
  const threads: Record<string, Turn[]> = {
    a: [
      ['Facebook user', 0, 'one'],
      ['Me', 1, 'two'],
    ],
    b: [
      ['Facebook user', 0, 'three'],
      ['Me', 1, 'four'],
    ],
    c: [['Facebook user', 0, 'five']],
    d: [
      ['Ann Lee', 0, 'six'],
      ['Me', 1, 'seven'],
    ],
  };
  const { rendered, people } = await shaped(t, threads, {});
  const names = rendered.map((conversation) => conversation.split(':')[0]!);
  for (const name of names.slice(0, 3)) assert.match(name, /^Facebook user \d+$/);
  assert.equal(new Set(names).size, 4);
  assert.equal(people.owner, 'Me', 'not the shared name, although it is in the most threads');
  assert.deepEqual(
    (await shaped(t, { b: threads['b']! }, {})).rendered,
    [rendered[1]],
    'the number depends on the thread alone',
  );
  assert.equal(
    (await shaped(t, threads, { keep: { notPeople: ['Facebook user'] } })).report.dropped['person not wanted'],
    3,
  );
  assert.deepEqual((await shaped(t, threads, { names: { tellApart: [] } })).rendered[2], 'Facebook user: five');
  assert.match((await shaped(t, threads, { names: { tellApart: ['ann lee'] } })).rendered[3]!, /^Ann Lee \d+: six \|/);
  assert.deepEqual(
    (await shaped(t, threads, { names: { replace: 'numbers' } })).people.people.length,
    5,
    'they also get different pseudonyms',
  );
});

test('says which names of the params nobody has, and the nearest', async (t) => {
  const dir = tempDir(t);
  const log = ['Jörg Müller: one', 'Kathi: two', 'Jorgi: three'].map((line, i) => `30.12.21, 10:0${i} - ${line}`);
  writeFiles(dir, { 'chat.txt': log.join('\n') });
  const path = join(dir, 'chat.txt');
  const warningsFor = async (shape: object) => {
    const { events } = await runStage('ingest', dir, {
      params: { source: path, format: 'whatsapp', dateOrder: 'day-month-year', ...shape },
      sources: { source: path },
    });
    return textsOf(events, 'warning');
  };
  const aliases = { Jorgi: 'Jörg Müller', Jörg: 'Jörg Müller' };
  assert.deepEqual(await warningsFor({ keep: { people: ['Kathi', 'Jörg', 'Kathy'], notPeople: ['Otto'] } }), [
    'keep.people: nobody is called "Jörg" (people.json lists everybody)',
    'keep.people: nobody is called "Kathy" (people.json lists everybody)',
    'keep.notPeople: nobody is called "Otto" (people.json lists everybody)',
  ]);
  assert.deepEqual(await warningsFor({ keep: { people: ['Jorgi', 'Kathi'] }, names: { aliases, owner: 'Kati' } }), [
    'keep.people: nobody is called "Jorgi", because names.aliases renames Jorgi to "Jörg Müller"',
    'names.owner: nobody is called "Kati" (people.json lists everybody)',
    'names.aliases: nobody is called "Jörg" in the source',
  ]);
  assert.deepEqual(await warningsFor({ keep: { people: ['Kathi'] }, names: { tellApart: ['Jorgi'] } }), []);
});

test('names an owner only where it is clear, and takes the alias of “Me” for the owner', async (t) => {
  const two = (from: string, to: string): Turn[] => [
    [from, 0, 'x'],
    [to, 1, 'y'],
  ];
  const ownerOf = async (threads: Record<string, Turn[]>, names: object = {}) =>
    (await shaped(t, threads, { names })).people.owner;
  const alone: Record<string, Turn[]> = {
    'inbox/a': two('Kathi', 'Jo'),
    'inbox/b': two('Jo', 'Kathi'),
    'inbox/c': two('Jo', 'Kathi'),
    'inbox/d': [['Jo', 0, 'x']],
  };
  assert.equal(await ownerOf({ 'inbox/a': two('Kathi', 'Jo'), 'inbox/b': two('Jo', 'Kathi') }), null);
  assert.equal(await ownerOf({ ...alone, 'inbox/e': two('Jo', 'Kathi') }), null);
  assert.equal(await ownerOf({ ...alone, 'inbox/e': two('me', 'Jo') }, { aliases: { me: 'Kathi' } }), 'Kathi');
  assert.equal(await ownerOf({ 'inbox/a': two('Kathi', 'Jo'), 'inbox/b': two('Bo', 'Kathi') }), 'Kathi');
});

test('takes control characters out of names and texts, and counts the messages', async (t) => {
  const dir = tempDir(t);
  const log = ['B\x1b[31mob: one', 'Bob: t\x01wo\x7f', 'Bob: \x02', 'Bob: four'].map(
    (line, i) => `30.12.21, 10:0${i} - ${line}`,
  );
  writeFiles(dir, { 'chat.txt': log.join('\n') });
  const path = join(dir, 'chat.txt');
  const { outDir, events } = await runStage('ingest', dir, {
    params: { source: path, format: 'whatsapp', dateOrder: 'day-month-year' },
    sources: { source: path },
  });
  const [conversation] = readFileSync(join(outDir, 'conversations.jsonl'), 'utf8').trim().split('\n');
  assert.deepEqual(
    (JSON.parse(conversation!) as Conversation).messages.map(({ from, text }) => `${from}: ${text}`),
    ['Bob: one', 'Bob: two', 'Bob: four'],
  );
  assert.ok(textsOf(events, 'note').includes('control characters were taken out of 3 messages'));
  assert.match(textsOf(events, 'note').at(-1)!, /1 person; dropped 1 \(1 empty\)$/);
});
