import type { TreeFile } from '../archive/tree-file.ts';

export interface TelegramFiles {
  json: TreeFile[];
  /** the pages of each chat, oldest first; `folder` is '' for the source itself */
  chats: { folder: string; pages: TreeFile[] }[];
  /** pages of chats that the JSON beside them has too */
  unread: TreeFile[];
}

/** Sorts out the files of exports by their names. The pages of an account that list chats or contacts are no chats. */
export function telegramFiles(files: TreeFile[]): TelegramFiles {
  const isPage = ({ path, place }: TreeFile): boolean => (place === '' ? /\.html?$/i.test(path) : PAGE.test(place));
  const json = files.filter(({ path, place }) => !/\.html?$/i.test(place || path));
  const exported = json.filter(({ place }) => place.endsWith('result.json')).map(({ place }) => folderOf(place));
  const inJson = ({ place }: TreeFile): boolean =>
    exported.some(
      (folder) => folderOf(place) === folder || place.startsWith(folder === '' ? 'chats/' : `${folder}/chats/`),
    );
  const pages = files.filter(isPage);
  const chats = new Map<string, TreeFile[]>();
  for (const page of pages.filter((page) => !inJson(page)))
    chats.set(folderOf(page.place), [...(chats.get(folderOf(page.place)) ?? []), page]);
  return {
    json,
    chats: [...chats].map(([folder, found]) => ({
      folder,
      pages: found.sort((a, b) => pageNumber(a) - pageNumber(b)),
    })),
    unread: pages.filter(inJson),
  };
}

const PAGE = /(^|\/)messages(\d*)\.html$/;

function pageNumber({ place }: TreeFile): number {
  return Number(PAGE.exec(place)?.[2] || 1);
}

function folderOf(place: string): string {
  return place.slice(0, Math.max(0, place.lastIndexOf('/')));
}
