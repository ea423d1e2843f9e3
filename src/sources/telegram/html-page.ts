import { Parser, type Handler } from 'htmlparser2';
import { addToDraft, newDraft, openRegion, type HtmlDraft, type Region } from './html-draft.ts';

export type PageItem =
  /** the name of the chat, at the top of each page */
  | { kind: 'title'; name: string }
  | { kind: 'message'; draft: HtmlDraft }
  | { kind: 'too long' }
  /** always last */
  | { kind: 'end'; trouble: string | null };

/**
 * The messages of one page of Telegram Desktop's HTML export, in the order of the page. Memory is bounded by the
 * longest message. Never throws because of the content.
 */
export async function* htmlPage(chunks: AsyncIterable<Buffer>): AsyncGenerator<PageItem> {
  const state: State = {
    items: [],
    draft: null,
    regions: [],
    outside: [],
    title: null,
    isKnown: false,
    isComplete: false,
  };
  const parser = new Parser(pageHandler(state));
  const decoder = new TextDecoder('utf-8');
  let isEmpty = true;
  for await (const chunk of chunks) {
    isEmpty &&= chunk.length === 0;
    parser.write(decoder.decode(chunk, { stream: true }));
    yield* state.items.splice(0);
  }
  parser.end(decoder.decode());
  yield* state.items.splice(0);
  yield { kind: 'end', trouble: isEmpty ? 'empty file' : finalTrouble(state) };
}

function finalTrouble({ isKnown, isComplete }: State): string | null {
  if (!isKnown) return 'no page of messages that Telegram Desktop exports';
  return isComplete ? null : 'cut off: the page ends too early';
}

interface State {
  items: PageItem[];
  draft: HtmlDraft | null;
  /** of the open elements inside the message */
  regions: Region[];
  /** of the open elements outside of it: whether they hold the chat's name */
  outside: boolean[];
  /** null until it is found */
  title: string | null;
  isKnown: boolean;
  isComplete: boolean;
}

function pageHandler(state: State): Partial<Handler> {
  return {
    onopentag(name, attributes) {
      if (name === 'br') addText(state, '\n');
      if (VOID.has(name)) return;
      const classes = (attributes['class'] ?? '').split(/\s+/);
      if (BLOCKS.has(name) && state.regions.at(-1) === 'text') addText(state, '\n');
      if (state.draft) state.regions.push(openRegion(state.draft, state.regions.at(-1)!, classes, attributes));
      else openOutside(state, classes, attributes['id'] ?? '');
    },
    // A line break in the source is only layout: those of a text are <br>.
    ontext: (text) => addText(state, text.replace(/[\t\r\n\f]+/g, ' ')),
    onclosetag(name, isImplied) {
      if (VOID.has(name)) return;
      state.isComplete ||= !isImplied && (name === 'body' || name === 'html');
      if (!state.draft) {
        if (state.outside.pop()) closeTitle(state);
        return;
      }
      state.regions.pop();
      if (BLOCKS.has(name) && state.regions.at(-1) === 'text') addText(state, '\n');
      if (state.regions.length === 0) closeMessage(state, isImplied);
    },
  };
}

const VOID = new Set(['br', 'img', 'hr', 'input', 'meta', 'link', 'source', 'wbr']);
/** Quotes and code inside a text are lines of their own. */
const BLOCKS = new Set(['blockquote', 'pre', 'div', 'p']);
const LONGEST_CHARS = 16 * 2 ** 20;

function openOutside(state: State, classes: string[], id: string): void {
  if (classes.includes('message')) {
    state.isKnown = true;
    state.draft = newDraft(classes, id);
    state.regions = ['message'];
    return;
  }
  state.isKnown ||= classes.includes('chat_page') || classes.includes('history');
  state.outside.push(state.title === null && classes.includes('text') && classes.includes('bold'));
}

function addText(state: State, text: string): void {
  if (state.draft) {
    if (state.draft.text.length + state.draft.from.length <= LONGEST_CHARS)
      addToDraft(state.draft, state.regions.at(-1)!, text);
  } else if (state.outside.at(-1)) state.title = `${state.title ?? ''}${text}`.slice(0, LONGEST_TITLE);
}

const LONGEST_TITLE = 1000;

function closeTitle(state: State): void {
  state.title = (state.title ?? '').trim();
  state.items.push({ kind: 'title', name: state.title });
}

function closeMessage(state: State, isImplied: boolean): void {
  const draft = state.draft!;
  state.draft = null;
  if (draft.text.length + draft.from.length > LONGEST_CHARS) state.items.push({ kind: 'too long' });
  else state.items.push({ kind: 'message', draft: { ...draft, isWhole: !isImplied } });
}
