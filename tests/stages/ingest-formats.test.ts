import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ConversationsReport } from '../../src/artifacts/conversations.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { contract as ingest } from '../../stages/ingest/contract.ts';
import { checkSourceParams } from '../../stages/ingest/source-params.ts';
import { checkTableParams } from '../../stages/ingest/table-params.ts';
import { CHAT_CORPORA } from '../soak/chat-logs.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';
import { ingestFrom, runStage, textsOf } from './run-data-stage.ts';

test('golden output of each log and table format: if it changes, raise the version', async (t) => {
  const digests: Record<string, string> = {};
  for (const { name, format, choices, files } of CHAT_CORPORA) {
    const dir = tempDir(t);
    writeFiles(join(dir, 'source'), files);
    const { outDir } = await runStage('ingest', dir, {
      params: { source: 'x', format, ...choices },
      sources: { source: join(dir, 'source') },
    });
    // Only what the reader decides: the conversations, and what it dropped and noticed. Other tests check the report.
    const { read, dropped, skipped, noticed } = JSON.parse(
      readFileSync(join(outDir, 'report.json'), 'utf8'),
    ) as ConversationsReport;
    digests[name] = createHash('sha256')
      .update(readFileSync(join(outDir, 'conversations.jsonl')))
      .update(JSON.stringify({ read, dropped, skipped, noticed }))
      .digest('hex')
      .slice(0, 16);
  }
  assert.deepEqual(
    { version: ingest.version, digests },
    {
      version: 5,
      digests: {
        'ubuntu csv': 'aec41ead8014dd02',
        'ubuntu tsv': 'dc976e786256e35c',
        'ubuntu tgz': '13c1da883dcd6e50',
        'ubuntu tar': '39373bfcc55b9018',
        irc: 'e2a1dfc80c59f21f',
        'whatsapp android': '7e5d85b2dfec8103',
        'whatsapp iphone': '5346b6c9c4a21920',
        'whatsapp french': '4b3aa1cdc01d8ec1',
        'whatsapp arabic': 'd8e9c657a090c8ff',
        'whatsapp japanese': '691aca8d44ac3f01',
        'whatsapp time first': '3c3e6641ba621ccb',
        'whatsapp old iphone': '7110d77b320dcf06',
        'whatsapp without end': 'f5ff40e77b55eca0',
        signal: 'ab6b11e0324707b9',
        'telegram chat': '23393f66f5cd86ab',
        'telegram account': '1db3a7f6e551eea9',
        csv: '67b8568be36152b4',
        'jsonl of messages': '4febf118bd16e8da',
        'jsonl of conversations': '2bb85de0748cc2c6',
        'jsonl sampled': 'd6c5744388524796',
        text: '9f2e19d97e42f15d',
      },
    },
  );
});

test('puts findings into notes and the report, but only warns of messages dated in the future', async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, {
    'x/a.csv': Buffer.from(
      'folder,dialogueID,date,from,to,text\n3,1.tsv,2098-11-23T11:49:00.000Z,ann,,hi\n3,1.tsv,,ben,,ho\n',
      'utf16le',
    ),
  });
  const { outDir, events } = await ingestFrom(dir, 'ubuntu', join(dir, 'x'), 'data/x');
  assert.deepEqual(textsOf(events, 'note').slice(0, -1), [
    'data/x/a.csv: CSV file of the Ubuntu corpus',
    'data/x/a.csv: file in UTF-16 LE',
    'data/x/a.csv:3: message without a time that can be read',
  ]);
  assert.deepEqual(textsOf(events, 'warning'), [
    '1 message dated in the future, the first at data/x/a.csv:2: either a clock or the unit of time is wrong',
  ]);
  const report = JSON.parse(readFileSync(join(outDir, 'report.json'), 'utf8')) as { noticed: object };
  assert.deepEqual(report.noticed, {
    'CSV file of the Ubuntu corpus': { count: 1, first: 'a.csv' },
    'file in UTF-16 LE': { count: 1, first: 'a.csv' },
    'message without a time that can be read': { count: 1, first: 'a.csv:3' },
  });
  assert.equal('future' in report, false);
});

test('suggests the likely format if the given one is wrong', async (t) => {
  const dir = tempDir(t);
  const hints: string[] = [];
  for (const { name, files } of CHAT_CORPORA.filter(({ name }) =>
    /^(ubuntu csv|whatsapp android|signal|telegram chat|csv)$/.test(name),
  )) {
    writeFiles(join(dir, name), files);
    hints.push(
      await ingestFrom(dir, 'messenger', join(dir, name), name).then(
        () => 'read',
        (error: StageInputError) => `${error.message}; ${error.hint}`,
      ),
    );
  }
  assert.deepEqual(hints, [
    'no conversations in ubuntu csv: nothing in it has this format; it looks like `format: ubuntu`',
    'no conversations in whatsapp android: nothing in it has this format; it looks like `format: whatsapp`',
    'no conversations in signal: nothing in it has this format; it looks like `format: signal`',
    'no conversations in telegram chat: nothing in it has this format; it looks like `format: telegram`',
    'no conversations in csv: nothing in it has this format; it looks like `format: csv`',
  ]);
});

test('rejects params that contradict each other', () => {
  const faults = (params: object) =>
    [
      ...checkSourceParams({ source: 'x', format: 'auto', timeZone: 'UTC', ...params }),
      ...checkTableParams(params),
    ].map(({ path, message }) => `${path}: ${message}`);
  assert.deepEqual(faults({ format: 'csv' }), [
    'columns: "columns" is missing: format csv needs the names of the columns',
  ]);
  assert.deepEqual(faults({ format: 'text', columns: { text: 'x' } }), [
    'columns: columns are only for format csv and jsonl, not for text',
  ]);
  assert.deepEqual(faults({ format: 'text', sample: { seed: 1 } }), ['sample: give either conversations or bytes']);
  assert.deepEqual(faults({ format: 'jsonl', columns: { text: 'x' }, sample: { bytes: 1, seed: 0 } }), []);
});
