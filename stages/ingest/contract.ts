import type { SourceFormat } from '../../src/sources/format-names.ts';
import { defineContract } from '../../src/pipeline/define-contract.ts';
import { checkMessageParams } from './message-params.ts';
import { VERSION, params } from './params.ts';
import { checkShapeParams } from './shape-params.ts';
import { sourceFiles } from './source-files.ts';
import { checkTableParams } from './table-params.ts';

export const contract = defineContract({
  kind: 'ingest',
  version: VERSION,
  summary: 'reads chats (Messenger, WhatsApp, Telegram, Ubuntu corpus, tables, text …) into conversations',
  params,
  sources: ['source'],
  sourceFiles,
  sourceHelp: ({ format }) => SOURCE_HELP[format],
  output: 'conversations',
  check: (params) => [...checkMessageParams(params), ...checkTableParams(params), ...checkShapeParams(params)],
  run: async (context) => (await import('../ingest.ts')).run(context),
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
