import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { StageInputError, StageStopped } from '../../src/pipeline/stage-kind.ts';
import { contract as ingest } from '../../stages/ingest/contract.ts';
import { NO_SHARED_DATA, sharedData, tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { zipOf } from '../sources/write-zip.ts';
import { digestOf, ingestFrom, runStage, textsOf } from './run-data-stage.ts';

const message = (content: string, timestamp_ms = 1) => ({ sender_name: 'Ann', timestamp_ms, content });
const thread = (...messages: object[]) => ({ participants: [{ name: 'Ann' }], messages });

test('turns an export into conversations, a report and a note with totals', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, {
    'export/messages/inbox/ann_1/message_1.json': thread(
      message('ca\u00c3\u00a9', 2),
      { sender_name: 'Ben', timestamp_ms: 1, photos: [] },
      message('hi\nyou', 1),
    ),
    'export/messages/inbox/bad_2/message_1.json': '{"participants": [], "mess',
  });
  const { outDir, events } = await ingestFrom(dir, 'messenger', join(dir, 'export'), 'data/export/');
  assert.deepEqual(readdirSync(outDir).sort(), ['conversations.jsonl', 'people.json', 'report.html', 'report.json']);
  assert.equal(
    readFileSync(join(outDir, 'conversations.jsonl'), 'utf8'),
    '{"id":"inbox/ann_1","messages":[{"from":"Ann","time":1,"text":"hi you"},{"from":"Ann","time":2,"text":"caé"}]}\n',
  );
  assert.deepEqual(JSON.parse(readFileSync(join(outDir, 'report.json'), 'utf8')), {
    conversations: 1,
    messages: 2,
    people: 1,
    dropped: { photo: 1, 'unreadable file': 1 },
    read: 4,
    withNewlines: 1,
    mojibake: { repaired: 1, untouched: 4, failed: 0 },
    skipped: {
      count: 1,
      first: [{ place: 'messages/inbox/bad_2/message_1.json', reason: 'cut off: the JSON ends too early' }],
    },
  });
  assert.deepEqual(textsOf(events, 'note'), [
    "report.json in this stage's folder of the run has the full names of files",
    '1 conversation, 2 messages, 1 person; 1 string repaired; dropped 2 (1 photo, 1 unreadable file)',
  ]);
  assert.deepEqual(textsOf(events, 'warning'), [
    'skipped data/export/messages/inbox/…_2/message_1.json: cut off: the JSON ends too early',
  ]);
  const progress = events.findLast((event) => event.kind === 'progress');
  assert.ok(progress?.kind === 'progress' && progress.unit === 'MB' && progress.done === progress.total);
});

test('the output depends on the content of the source, not on its path', async (t) => {
  const outs: string[] = [];
  for (const name of ['one', 'two']) {
    const dir = tempDir(t);
    const files = { 'b.txt': 'x\n\n\ny', 'a.txt': 'z\nbad', 'single.jsonl': 'broken\n{"turns": ["x"]}\n' };
    writeFiles(join(dir, name), name === 'one' ? files : Object.fromEntries(Object.entries(files).reverse()));
    writeFiles(dir, { [`${name}.jsonl`]: files['single.jsonl'] });
    const folder = await ingestFrom(dir, 'text', join(dir, name));
    const file = await ingestFrom(dir, 'jsonl', join(dir, `${name}.jsonl`));
    assert.match(textsOf(file.events, 'warning')[0]!, new RegExp(`${name}\\.jsonl:1: not JSON$`));
    outs.push(
      [folder, file]
        .flatMap(({ outDir }) =>
          ['conversations.jsonl', 'report.json'].map((part) => readFileSync(join(outDir, part), 'utf8')),
        )
        .join(),
    );
  }
  assert.equal(outs[0], outs[1]);
});

test('golden output: if it changes, raise the version', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, {
    'x/messages/inbox/b_2/message_1.json': thread(
      { sender_name: 'Ben', timestamp_ms: 3, sticker: {} },
      message('ca\u00c3\u00a9', 2),
      { sender_name: 'Ben', timestamp: 1, content: 'a\nb' },
    ),
    'x/messages/inbox/a_1/message_1.json': '{',
    'x/messages/inbox/a_1/message_2.json': thread(
      message('kept'),
      { sender_name: 'Ben', timestamp_ms: 1, photos: [] },
      { sender_name: 'Ben', timestamp_ms: 1 },
    ),
    'x.jsonl': '{"turns": ["hi", {"from": "Ann", "time": 5, "text": "ho"}, ""]}\nbad\n',
    'x.txt': 'a\n\nb\n\n\nc\n',
  });
  const digests: Record<string, string> = {};
  for (const [format, name] of [
    ['messenger', 'x'],
    ['jsonl', 'x.jsonl'],
    ['text', 'x.txt'],
  ] as const)
    digests[format] = digestOf((await ingestFrom(dir, format, join(dir, name))).outDir);
  assert.deepEqual(
    { version: ingest.version, digests },
    {
      version: 5,
      digests: {
        messenger: '5ff274f676bb4f4c4cc5339cb174f0cf70f780fde068b51ee6e0fb5984ee44c2',
        jsonl: '702072ffa96255d941dbc95e2b1df176066b53bbed7cdc42624074b25c56d8a5',
        text: 'fa0dc29f797a7325fa22a7252bce8f6b34581163b8c61d07a0d3fc812f78a696',
      },
    },
  );
});

test('sorts the reasons in the report', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, {
    'x/messages/inbox/a_1/message_1.json': thread(
      { timestamp_ms: 1, videos: [] },
      message('kept'),
      { timestamp_ms: 1, gifs: [] },
      { timestamp_ms: 1, photos: [] },
    ),
  });
  const { outDir } = await ingestFrom(dir, 'messenger', join(dir, 'x'));
  const { dropped } = JSON.parse(readFileSync(join(outDir, 'report.json'), 'utf8')) as { dropped: object };
  assert.deepEqual(Object.entries(dropped), [
    ['gif', 1],
    ['photo', 1],
    ['video', 1],
  ]);
});

test('errors about the source come with a hint', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, {
    'chats.jsonl': '{"turns": ["x"]}\n',
    'jsonl/chats.jsonl': '{"turns": ["x"]}\n',
    'empty/messages/inbox/a_1/message_1.json': thread({ sender_name: 'Ann', timestamp_ms: 1, photos: [] }),
    'html/messages/inbox/a_1/message_1.html': '<html>',
    'export.zip': 'PK\u0003\u0004',
    'blank.txt': '\n\n',
    'broken.jsonl': 'secret\nsecret\n',
    'nothing/x.md': 'a',
  });
  const failing = async (format: string, name: string) => {
    const error = await ingestFrom(dir, format, join(dir, name), name).then(
      () => assert.fail('it should have failed'),
      (error: unknown) => error,
    );
    assert.ok(error instanceof StageInputError, String(error));
    return `${error.message}\n${error.hint}`.replaceAll(dir, 'DIR');
  };
  const layouts =
    'message_1.json (or .html) in thread folders of messages/inbox (or archived_threads, filtered_threads, message_requests, e2ee_cutover), directly in the given folder or .zip, in your_activity_across_facebook or in your_facebook_activity';
  assert.equal(
    await failing('messenger', 'gone'),
    'source … does not exist (DIR/gone)\nset `source` to the file or folder with your chats',
  );
  assert.equal(
    await failing('messenger', 'jsonl'),
    'no conversations in jsonl: nothing in it has this format\nit looks like `format: jsonl`',
  );
  assert.equal(
    await failing('messenger', 'chats.jsonl'),
    'no conversations in chats.jsonl: nothing in it has this format\nit looks like `format: jsonl`',
  );
  assert.equal(
    await failing('messenger', 'export.zip'),
    `no conversations in export.zip: 0 files read, 1 record found, none kept; dropped 1 (1 unreadable file); export.zip: not a zip file, or cut off before its first file: download it again\n\`format: messenger\` looks for ${layouts}`,
  );
  assert.equal(
    await failing('messenger', 'nothing'),
    `no conversations in …: nothing in it has this format\n\`format: messenger\` looks for ${layouts}`,
  );
  assert.equal(
    await failing('messenger', 'empty'),
    `no conversations in …: 1 file read, 1 record found, none kept; dropped 1 (1 photo)\n\`format: messenger\` looks for ${layouts}`,
  );
  assert.match(await failing('jsonl', 'empty'), /it looks like `format: messenger`$/);
  assert.match(
    await failing('messenger', 'html'),
    /^no conversations in html: 1 file read, 1 record found, none kept; dropped 1 \(1 unreadable file\); html\/messages\/inbox\/a_1\/message_1\.html: HTML of a form that is not known, older than 2018 or newer than this program: download the export in JSON\n/,
  );
  assert.match(
    await failing('text', 'blank.txt'),
    /^no conversations in blank\.txt: 1 file read, 0 records found, none kept\n/,
  );
  assert.match(
    await failing('jsonl', 'broken.jsonl'),
    /none kept; dropped 2 \(2 unreadable line\); broken\.jsonl:1: not JSON\n`format: jsonl` looks for lines of the form /,
  );
});

test('`format: auto` detects the format and reports it', async (t) => {
  const dir = tempDir(t);
  const messenger = { 'messages/inbox/a_1/message_1.json': thread(message('hi')) };
  writeFiles(dir, {
    'a.jsonl': '{"turns": ["x"]}\n',
    'b.zip': zipOf(messenger),
    'c.zip': zipOf({ 'your_instagram_activity/messages/inbox/a_1/message_1.json': thread(message('hi')) }),
    'd.txt': 'just words\n',
    'e.bin': Buffer.from([0, 1, 2]),
    'f.csv': 'from,time,text\na,b,c\n',
  });
  const noteOn = async (name: string) =>
    textsOf((await ingestFrom(dir, 'auto', join(dir, name), name)).events, 'note')[0];
  for (const [name, format] of [
    ['a.jsonl', 'jsonl'],
    ['b.zip', 'messenger'],
    ['c.zip', 'instagram'],
    ['d.txt', 'text'],
  ] as const)
    assert.equal(await noteOn(name), `${name} looks like \`format: ${format}\``);
  await assert.rejects(noteOn('e.bin'), /cannot detect the format of e\.bin/);
  await assert.rejects(noteOn('f.csv'), /f\.csv looks like a table/);
});

test('warns of the first ten skipped lines, then of the number of the others', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'x.jsonl': `${'bad\n'.repeat(25)}{"turns": ["ok"]}\n` });
  const { events } = await ingestFrom(dir, 'jsonl', join(dir, 'x.jsonl'), 'x.jsonl');
  const warnings = textsOf(events, 'warning');
  assert.equal(warnings.length, 11);
  assert.equal(warnings[9], 'skipped x.jsonl:10: not JSON');
  assert.equal(warnings[10], 'skipped 15 more files or lines');
});

test('leaves no conversations when it is stopped', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'x.txt': 'x' });
  const signal = AbortSignal.abort();
  await assert.rejects(
    runStage('ingest', dir, {
      params: { source: 'x', format: 'text' },
      sources: { source: join(dir, 'x.txt') },
      signal,
    }),
    StageStopped,
  );
  assert.deepEqual(
    readdirSync(dir).filter((name) => existsSync(join(dir, name, 'conversations.jsonl'))),
    [],
  );
});

test('the real topics have as many conversations and turns as published', async (t) => {
  const path = sharedData('self-dialogue');
  if (!path) return t.skip(NO_SHARED_DATA);
  const { outDir } = await ingestFrom(tempDir(t), 'jsonl', path);
  const report = JSON.parse(readFileSync(join(outDir, 'report.json'), 'utf8')) as {
    conversations: number;
    messages: number;
    people: number;
    read: number;
    skipped: { count: number };
  };
  assert.deepEqual([report.conversations, report.read, report.people, report.skipped.count], [20023, 331374, 2, 0]);
});
