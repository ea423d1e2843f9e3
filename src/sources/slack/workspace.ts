import type { TreeFile } from '../archive/tree-file.ts';
import { distinctNames } from '../exports/distinct-names.ts';
import { jsonRecords } from '../exports/json-records.ts';
import { asObject, asText, firstText, type Json } from '../exports/json-values.ts';
import { baseName } from './layout.ts';
import type { Tally } from '../tally.ts';

/** Names by id. */
export interface Workspace {
  users: Map<string, string>;
  channels: Map<string, string>;
}

/** Reads users.json, channels.json and groups.json. */
export async function readWorkspace(files: TreeFile[], tally: Tally): Promise<Workspace> {
  const workspace: Workspace = { users: new Map(), channels: new Map() };
  const names = distinctNames();
  for (const file of files) {
    const isUsers = baseName(file.place).endsWith('users.json');
    for await (const record of jsonRecords(file, [null], tally)) {
      if (record.kind === 'field') continue;
      const entry = asObject(record.value);
      const id = asText(entry['id']);
      const name = asText(entry['name']);
      if (isUsers) workspace.users.set(id, names(id, shownName(entry), name));
      else if (name !== '') workspace.channels.set(id, name);
    }
  }
  return workspace;
}

/** The name that Slack shows: the one that a person chose, or else the full name. */
export function shownName(user: Json): string {
  const profile = asObject(user['profile']);
  return firstText(
    profile['display_name'],
    user['display_name'],
    profile['real_name'],
    user['real_name'],
    user['name'],
  );
}
