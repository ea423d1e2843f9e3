import type { TreeFile } from '../archive/tree-file.ts';
import { openTree } from '../archive/tree.ts';

const DAY_FILE = /^\d{4}-\d\d-\d\d\.json$/;
/** The lists of a workspace; an export of one channel by hand may lack some. */
const LIST_FILE = /^(users|org_users|channels|groups|dms|mpims)\.json$/;

export interface SlackFiles {
  /** the files of each channel, oldest day first; a channel's folder is its name or, for direct chats, its id */
  channels: TreeFile[][];
  /** users.json, channels.json, … by the folder that the channels' folders are in */
  lists: Map<string, TreeFile[]>;
}

/** Sorts out the files of an export by their names. */
export function slackFiles(files: TreeFile[]): SlackFiles {
  const channels = new Map<string, TreeFile[]>();
  const lists = new Map<string, TreeFile[]>();
  const add = (map: Map<string, TreeFile[]>, key: string, file: TreeFile): void => {
    map.set(key, [...(map.get(key) ?? []), file]);
  };
  for (const file of files) {
    const name = baseName(file.place);
    if (file.place === '' || DAY_FILE.test(name)) add(channels, folder(file.place), file);
    else if (LIST_FILE.test(name)) add(lists, folder(file.place), file);
  }
  for (const root of lists.keys())
    if (![...channels.keys()].some((channel) => folder(channel) === root)) lists.delete(root);
  return { channels: [...channels.values()], lists };
}

/** Whether the path has the files of an export, judging by their names alone. */
export async function hasSlackDays(path: string): Promise<boolean> {
  const { files } = await openTree(path, (place) => place.endsWith('.json'));
  const { channels, lists } = slackFiles(files);
  return channels.length > 0 && lists.size > 0;
}

/** The folder of a place; '' for the source itself. */
export function folder(place: string): string {
  return place.slice(0, Math.max(0, place.lastIndexOf('/')));
}

export function baseName(place: string): string {
  return place.slice(place.lastIndexOf('/') + 1);
}
