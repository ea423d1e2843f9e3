import { jsonElements, NOT_JSON, type JsonElement, type Opening } from '../text/json-elements.ts';

export const NO_THREAD = 'no thread: it lacks participants or messages';

/**
 * Reads `{"participants": …, "messages": [{…}, {…}], …}`, yielding one message at a time and every other key as a
 * field. The first fault outside of the messages, or an error from `chunks`, ends it with the reason as `trouble`.
 */
export async function* threadElements(chunks: AsyncIterable<Buffer>): AsyncGenerator<JsonElement[]> {
  let isOpen = false;
  try {
    for await (const batch of jsonElements(chunks, opening)) {
      const read: JsonElement[] = [];
      for (const element of batch) {
        const trouble = faultOf(element, isOpen);
        if (trouble !== null) {
          yield [...read, { kind: 'end', trouble }];
          return;
        }
        isOpen ||= element.kind === 'open';
        read.push(element);
      }
      yield read;
    }
  } catch (error) {
    yield [{ kind: 'end', trouble: (error as Error).message }]; // messages of tree-file.ts can be shown
  }
}

/** Instagram exports of 2018 use the key `conversation` instead of `messages`. */
const LISTS = new Set<string | null>(['messages', 'conversation']);

const opening: Opening = ({ depth, key }, bracket) => {
  if (depth === 0) return bracket === '{' && key === null ? 'object' : 'value';
  return bracket === '[' && LISTS.has(key) ? 'list' : 'value';
};

/** Why reading must stop at this element; null if it can continue. `isOpen`: the thread's object has begun. */
function faultOf(element: JsonElement, isOpen: boolean): string | null {
  switch (element.kind) {
    case 'open':
      return isOpen && element.position.depth === 0 ? AFTER_END : null;
    case 'field':
      if (element.position.depth === 0) return isOpen ? AFTER_END : NO_THREAD;
      return element.value === undefined ? NOT_JSON : null;
    case 'end':
      return element.trouble === NOT_JSON ? NO_THREAD : null;
    default:
      return null;
  }
}

const AFTER_END = 'something follows the end of the JSON';
