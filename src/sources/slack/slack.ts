import { createHash } from 'node:crypto';
import type { Conversation } from '../../artifacts/conversations.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { chatRules, keepChatMessage, type ChatRules } from '../exports/chat-message.ts';
import { jsonRecords } from '../exports/json-records.ts';
import { asObject, asText } from '../exports/json-values.ts';
import { filesAt } from '../source-bytes.ts';
import type { SourceOptions } from '../source-options.ts';
import type { Source, Unit } from '../source.ts';
import { gatherByName } from '../tables/gather-by-name.ts';
import { notice, skipAll, type Tally } from '../tally.ts';
import { sourceOfUnits } from '../units.ts';
import { folder, slackFiles } from './layout.ts';
import { slackMessage } from './message.ts';
import { readWorkspace, type Workspace } from './workspace.ts';

/**
 * Slack's own export: the .zip as downloaded, the unpacked folder, one channel's folder, or the file of one day. A
 * channel, a direct chat and each thread is one conversation: `general`, `D0123`, `general#1675108140.000200`.
 */
export async function slackSource(path: string, { messages }: SourceOptions): Promise<Source> {
  const { files, refused } = await filesAt(path, ['.json']);
  const { channels, lists } = slackFiles(files);
  const rules = chatRules(messages);
  return sourceOfUnits({
    files: [...[...lists.values()].flat(), ...channels.flat()],
    looksFor:
      'users.json, channels.json and folders of channels with one file per day, such as general/2023-01-30.json',
    repairsMojibake: false,
    async units(tally) {
      skipAll(refused, tally);
      const workspaces = new Map<string, Workspace>();
      for (const [root, listFiles] of lists) workspaces.set(root, await readWorkspace(listFiles, tally));
      const none = await readWorkspace([], tally);
      return channels.map((days) => channelUnit(days, workspaces.get(folder(folder(days[0]!.place))) ?? none, rules));
    },
  });
}

function channelUnit(days: TreeFile[], workspace: Workspace, rules: ChatRules): Unit {
  return {
    files: days,
    about: createHash('sha256')
      .update(JSON.stringify([...workspace.users, ...workspace.channels]))
      .digest('hex'),
    read: (files, tally) => readChannel(files, workspace, rules, tally),
  };
}

async function* readChannel(
  days: TreeFile[],
  workspace: Workspace,
  rules: ChatRules,
  tally: Tally,
): AsyncGenerator<Conversation> {
  const channel = folder(days[0]!.place) || 'channel';
  const gathering = gatherByName(tally);
  for (const day of days) {
    for await (const record of jsonRecords(day, [null], tally)) {
      if (record.kind === 'field') continue;
      const raw = asObject(record.value);
      const { message, isBot } = slackMessage(raw, workspace);
      const thread = asText(raw['thread_ts']);
      for (const kept of keepChatMessage(message, rules, tally, record.place)) {
        if (isBot) notice(tally, 'message of a bot', record.place());
        yield* gathering.add(thread === '' ? channel : `${channel}#${thread}`, kept, record.place);
      }
    }
  }
  yield* gathering.end();
}
