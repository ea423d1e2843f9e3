import type { TreeFile } from '../archive/tree-file.ts';
import { readSourceBytes } from '../source-bytes.ts';
import { notice, skip, type Tally } from '../tally.ts';
import { jsonElements, type Opening } from '../text/json-elements.ts';

/** What a JSON file holds, in its order: fields of its object, and the elements of the wanted lists. */
export type JsonRecord =
  | { kind: 'field'; key: string; value: unknown }
  /** `list` is the key of the list; null: the file itself is a list */
  | { kind: 'element'; list: string | null; value: unknown; place: () => string };

/**
 * Reads `{"a": …, "messages": [{…}, {…}]}`, or a list, one element at a time. `lists`: the keys of the lists to split;
 * null means that the file may be a list itself. Whatever cannot be read is recorded in the tally.
 */
export async function* jsonRecords(
  file: TreeFile,
  lists: readonly (string | null)[],
  tally: Tally,
): AsyncGenerator<JsonRecord> {
  const opening: Opening = ({ depth, key }, bracket) => {
    if (bracket === '[') return depth <= 1 && lists.includes(key) ? 'list' : 'value';
    return depth === 0 ? 'object' : 'value';
  };
  let list: string | null = null;
  let found = false;
  let number = 0;
  for await (const batch of jsonElements(readSourceBytes(file, tally), opening)) {
    for (const element of batch) {
      const at = element.kind === 'element' || element.kind === 'damaged' ? ++number : number;
      const place = (): string => `${file.place}#${at}`;
      if (element.kind === 'open' && element.as === 'list') {
        found = true;
        list = element.position.key;
      } else if (element.kind === 'field') {
        const { depth, key } = element.position;
        if (depth === 1 && key !== null) yield { kind: 'field', key, value: element.value };
      } else if (element.kind === 'damaged') skip(tally, place(), element.reason, 'unreadable line');
      else if (element.kind === 'element') {
        if (element.encoding !== 'UTF-8') notice(tally, `message in ${element.encoding}`, place());
        yield { kind: 'element', list, value: element.value, place };
      } else if (element.kind === 'end' && (element.trouble !== null || !found)) {
        const missing = lists.includes(null) ? 'it is no list' : `it has no list "${lists.at(-1)}"`;
        skip(tally, file.place, element.trouble ?? missing, 'unreadable file');
      }
    }
  }
}
