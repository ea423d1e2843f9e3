import type { SourceFormat } from '../../src/sources/format-names.ts';
import { defineContract } from '../../src/pipeline/define-contract.ts';
import { translate } from './hints/other-words.ts';
import { checkMessageParams } from './message-params.ts';
import { VERSION, params } from './params.ts';
import { checkShapeParams } from './shape-params.ts';
import { checkSourceParams, givenSources } from './source-params.ts';
import { sourceFiles } from './source-files.ts';
import { checkTableParams } from './table-params.ts';

export const contract = defineContract({
  kind: 'ingest',
  alsoCalled: ['import', 'prepare', 'preprocess', 'load', 'data', 'dataset', 'source', 'read'],
  version: VERSION,
  summary: 'reads chats (Messenger, WhatsApp, Telegram, LINE, Ubuntu corpus, tables, text …) into conversations',
  params,
  sources: ['source', 'sources.*.path'],
  sourceFiles,
  sourceHelp: (params, param) => SOURCE_HELP[givenSources(params).find((given) => given.param === param)!.format],
  output: 'conversations',
  translate,
  check: (params) => [
    ...checkSourceParams(params),
    ...checkMessageParams(params),
    ...checkTableParams(params),
    ...checkShapeParams(params),
  ],
  run: async (context) => (await import('../ingest.ts')).run(context),
});

const SOURCE_HELP: Record<SourceFormat | 'auto', string> = {
  auto: 'your chats as downloaded, a file or a folder; the README lists the supported formats',
  messenger:
    'Facebook → Settings → Download your information: "Messages" only, format JSON; put all of the .zip files into this folder',
  instagram:
    'Instagram → Settings → Download your information: "Messages" only, format JSON; put all of the .zip files into this folder',
  whatsapp: 'WhatsApp → a chat → Export chat, without media: the .txt file or its .zip, or a folder of these',
  telegram:
    'Telegram Desktop → Settings → Advanced → Export Telegram data, or Export chat history of one chat: the folder, with result.json or messages.html',
  signal:
    'chat.md of signal-export, the text of sigtop, or lines such as "[2019-12-24, 12:23] Name: text": a file, or a folder of such files',
  imessage: 'the .txt or .html files of imessage-exporter, or a folder of them',
  line: 'LINE → a chat → Settings → Export chat history: the .txt file, or a folder of these',
  kakaotalk:
    'KakaoTalk → a chat → Export chat: the .txt file (phone, Windows) or .csv file (Mac), or a folder of these',
  'signal-desktop': 'Signal Desktop → Settings → Chats → Export chat history: the folder, or main.jsonl in it',
  discord: 'DiscordChatExporter, format JSON: the .json file of a channel, or a folder of such files',
  slack: 'Slack → Workspace settings → Import/Export data → Export: the .zip, or its unpacked folder',
  'google-chat': 'takeout.google.com, only Google Chat: the .zip, or its folder "Google Chat"',
  chatlab:
    'a .json or .jsonl file in the format of ChatLab, as exporters for WeChat and QQ write it, or a folder of these',
  ubuntu:
    "Kaggle's dialogueText*.csv (rtatman/ubuntu-dialogue-corpus), the original ubuntu_dialogs.tgz, or #ubuntu logs with the date in their names: a file, or a folder of such files",
  csv: 'a .csv or .tsv file with column names in the first row, or a folder of such files',
  jsonl:
    'a .jsonl file with one conversation per line, {"turns": ["text", {"from": "Ana", "text": "…"}]}, or a folder of such files',
  dataset:
    'a .jsonl or .json file of {"messages": [{"role": "user", "content": "…"}]} or {"conversations": [{"from": "human", "value": "…"}]}, or a folder of such files',
  dialogue: 'a .txt file with lines such as "Name: text", or a folder of such files',
  text: 'a .txt file in which two blank lines end a conversation, or a folder of such files',
};
