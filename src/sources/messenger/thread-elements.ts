import { jsonElements, NOT_JSON, type JsonElement, type Opening } from '../text/json-elements.ts';

export const NO_THREAD = 'no thread: it lacks participants or messages';

/**
 * `{"participants": …, "messages": [{…}, {…}], …}`: one message at a time, every other key a field. Ends, with the
 * reason as its trouble, at the first fault outside of the messages, and where `chunks` throws.
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
    yield [{ kind: 'end', trouble: (error as Error).message }]; // those of tree-file.ts can be shown
  }
}

/** An export of Instagram of 2018 says `conversation` where all others say `messages`. */
const LISTS = new Set<string | null>(['messages', 'conversation']);

const opening: Opening = ({ depth, key }, bracket) => {
  if (depth === 0) return bracket === '{' && key === null ? 'object' : 'value';
  return bracket === '[' && LISTS.has(key) ? 'list' : 'value';
};

/** Null if reading goes on. `isOpen`: whether the object that is the thread has begun. */
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
