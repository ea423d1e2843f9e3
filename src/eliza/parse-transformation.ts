import { fail, type List, type Node } from './read-lists.ts';
import type { Element, Pattern, Reassembly, Template } from './script.ts';

/** `0 YOU (* WANT NEED) 2 (/FAMILY) 0`. `owner` is the list that errors about the whole pattern point to. */
export function parsePattern(items: readonly Node[], owner: Node): Pattern {
  if (items.length === 0) fail(owner, 'the pattern is empty; (0) matches everything');
  return items.map((item) => (item.kind === 'list' ? choiceOf(item) : (numberOf(item.text) ?? item.text)));
}

/** `parts`: the number of parts of the pattern, which the template may insert. */
export function parseTemplate(items: readonly Node[], owner: Node, parts: number): Template {
  if (items.length === 0) fail(owner, 'the answer is empty; put its words here');
  return items.map((item) => {
    if (item.kind === 'list') fail(item, 'an answer holds words and numbers, no list');
    const part = numberOf(item.text);
    if (part !== null && (part < 1 || part > parts))
      fail(item, `there is no part ${part}: the pattern has ${parts}, numbered from 1`);
    return part ?? item.text;
  });
}

/** Words to say, `(= KEY)`, `(NEWKEY)` or `(PRE (words) (= KEY))`. */
export function parseReassembly(list: List, parts: number): Reassembly {
  const keyword = linkOf(list);
  if (keyword !== null) return { kind: 'link', keyword };
  const [first, ...rest] = list.items;
  if (first?.kind === 'word' && first.text === 'NEWKEY' && rest.length === 0) return { kind: 'next keyword' };
  if (first?.kind === 'word' && first.text === 'PRE' && rest[0]?.kind === 'list') {
    const [words, link] = rest;
    const next = link?.kind === 'list' ? linkOf(link) : null;
    if (next === null || rest.length !== 2) fail(list, 'PRE takes words and a link, such as (PRE (I ARE 3) (= I))');
    return { kind: 'rewrite', template: parseTemplate(words.items, words, parts), keyword: next };
  }
  return { kind: 'say', template: parseTemplate(list.items, list, parts) };
}

/** KEY of `(= KEY)`; null if the list is something else. */
export function linkOf({ items: [equals, keyword, ...rest] }: List): string | null {
  const isLink = equals?.kind === 'word' && equals.text === '=' && keyword?.kind === 'word' && rest.length === 0;
  return isLink ? keyword.text : null;
}

/** The tags in `(/NOUN FAMILY)` or `(/ NOUN FAMILY)`. */
export function tagsOf(list: List): string[] {
  const tags = list.items.map((tag) => (tag.kind === 'word' ? tag.text : fail(tag, 'a tag is a word')));
  if (!tags[0]?.startsWith('/')) fail(list, 'a list of tags begins with /');
  return [tags[0].slice(1), ...tags.slice(1)].filter((tag) => tag !== '');
}

// ---------------------------------------------------------------------------

/** `(* A B)`, one of these words, or `(/A B)`, a word with one of these tags. */
function choiceOf(list: List): Element {
  const [first] = list.items;
  if (first?.kind === 'word' && first.text.startsWith('/')) return { tagged: tagsOf(list) };
  const words = list.items.map((word) => (word.kind === 'word' ? word.text : fail(word, 'a choice holds words only')));
  if (!words[0]?.startsWith('*'))
    fail(list, 'a list in a pattern begins with *, for one of these words, or / for a tag');
  return { anyOf: [words[0].slice(1), ...words.slice(1)].filter((word) => word !== '') };
}

const numberOf = (text: string): number | null => (/^\d{1,9}$/.test(text) ? Number(text) : null);
