import { Type } from '@sinclair/typebox';
import { FORMATS, type SourceFormat } from '../../src/sources/format-names.ts';
import { defineContract } from '../../src/pipeline/stage-kind.ts';
import { checkMessageParams, messageParams } from './message-params.ts';
import { checkShapeParams, shapeParams } from './shape-params.ts';
import { sourceFiles } from './source-files.ts';
import { checkTableParams, tableParams } from './table-params.ts';

export const params = Type.Object(
  {
    source: Type.String({
      minLength: 1,
      description: 'file, folder or .zip to read; an export as it was downloaded need not be unpacked',
    }),
    format: Type.Union([Type.Literal('auto'), ...FORMATS.map((format) => Type.Literal(format))], {
      default: 'auto',
      description:
        'auto: found out and said; messenger, instagram, telegram: the export of your account; whatsapp, signal: chats exported as text; ubuntu: the Ubuntu Dialogue Corpus in any packaging, or #ubuntu logs; csv: a message a row, see columns; jsonl: {"turns": [...]} a line, or a message a line, see columns; text: plain lines',
    }),
    splitAfterHours: Type.Number({
      minimum: 0,
      maximum: 87600,
      default: 0,
      description:
        'a silence this long ends a conversation; 0: a thread is one conversation, however many years it lasted',
    }),
    ...messageParams,
    ...tableParams,
    ...shapeParams,
  },
  { additionalProperties: false },
);
const runtime = Type.Object({}, { additionalProperties: false });

export const contract = defineContract({
  kind: 'ingest',
  version: 3,
  summary: 'reads chats (Messenger, WhatsApp, Telegram, Ubuntu corpus, tables, text …) into conversations',
  params,
  runtime,
  sources: ['source'],
  sourceFiles,
  sourceHelp: ({ format }) => SOURCE_HELP[format],
  inputs: {},
  output: 'conversations',
  computes: false,
  check: (params) => [...checkMessageParams(params), ...checkTableParams(params), ...checkShapeParams(params)],
});

const SOURCE_HELP: Record<SourceFormat | 'auto', string> = {
  auto: 'your chats as you downloaded them, a file or a folder; the README says which kinds are read',
  messenger:
    'Facebook → Settings → Download your information: «Messages» only, format JSON; put the .zip files, all parts of it, into this folder',
  instagram:
    'Instagram → Settings → Download your information: «Messages» only, format JSON; put the .zip files, all parts of it, into this folder',
  whatsapp: 'WhatsApp → a chat → Export chat, without media: the .txt file or its .zip, or a folder of them',
  telegram: 'Telegram Desktop → Settings → Advanced → Export Telegram data, format JSON: result.json or its folder',
  signal:
    'a text file with lines such as «[2019-12-24, 12:23] Name: text», as signal-export and others write it, or a folder of them',
  ubuntu:
    "Kaggle's dialogueText*.csv (rtatman/ubuntu-dialogue-corpus), ubuntu_dialogs.tgz as first published, or #ubuntu logs named by their day: a file, or a folder of them",
  csv: 'a .csv or .tsv file, or a folder of them, whose first row names the columns',
  jsonl:
    'a .jsonl file, or a folder of them, with one conversation a line: {"turns": ["text", {"from": "Ana", "text": "…"}]}',
  text: 'a .txt file, or a folder of them; two blank lines end a conversation',
};
