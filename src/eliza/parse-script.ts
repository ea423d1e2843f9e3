import { linkOf, parsePattern, parseReassembly, parseTemplate, tagsOf } from './parse-transformation.ts';
import { fail, readLists, type List, type Node } from './read-lists.ts';
import type { Memory, Rule, Script } from './script.ts';
import { textOf } from './words.ts';

/**
 * Reads a script in the form of 1965: a list with the greeting, then the rules. Throws a UserError that begins with
 * `line:column:`.
 */
export function parseScript(text: string): Script {
  const { lists, end } = readLists(text.replace(/^\ufeff/, ''));
  const [greeting, ...ruleLists] = lists;
  if (!greeting) fail(end, 'the script is empty; it begins with a greeting such as (HELLO)');
  const hello = greeting.items.map((word) =>
    word.kind === 'word' ? word.text : fail(word, 'a script begins with its greeting, a list of words such as (HELLO)'),
  );
  const rules = new Map<string, Rule>();
  const tagged = new Map<string, Set<string>>();
  let memory: Memory | null = null;
  const links: Link[] = [];
  for (const list of ruleLists) {
    const [keyword, ...rest] = list.items;
    if (keyword?.kind !== 'word') fail(list, 'a rule begins with its keyword');
    if (keyword.text === 'MEMORY') {
      if (memory) fail(keyword, 'there is a second rule MEMORY; keep one');
      memory = parseMemory(list, rest, links);
    } else {
      if (rules.has(keyword.text)) fail(keyword, `there is a second rule for ${keyword.text}; merge the two`);
      rules.set(keyword.text, parseRule(keyword.text, rest, { tagged, links }));
    }
  }
  for (const { keyword, node } of links)
    if (!rules.has(keyword)) fail(node, `there is no rule for ${keyword}; add one or correct the name`);
  const none = rules.get('NONE');
  if (!none) fail(end, 'there is no rule NONE, for inputs without a keyword; add one such as (NONE ((0) (GO ON)))');
  rules.delete('NONE');
  return { hello: textOf(hello), rules, tagged, memory, none };
}

// ---------------------------------------------------------------------------

/** A keyword that a rule refers to, and where. */
interface Link {
  keyword: string;
  node: Node;
}

/** Everything in a rule after the keyword: `= WORD`, `DLIST (/TAG …)`, a rank, transformations, a link, in any order. */
function parseRule(
  keyword: string,
  items: readonly Node[],
  { tagged, links }: { tagged: Map<string, Set<string>>; links: Link[] },
): Rule {
  const rule: Rule = { replacement: null, rank: 0, transformations: [], link: null };
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    if (item.kind === 'list') {
      const link = linkOf(item);
      if (link) rule.link = noted(link, item, links);
      else rule.transformations.push(parseTransformation(item, links));
    } else if (item.text === '=') {
      const replacement = items[++i];
      if (replacement?.kind !== 'word') fail(item, 'a word must follow =');
      rule.replacement = replacement.text;
    } else if (item.text === 'DLIST') {
      const tags = items[++i];
      if (tags?.kind !== 'list') fail(item, 'a list of tags must follow DLIST, such as (/FAMILY)');
      for (const tag of tagsOf(tags)) tagged.set(tag, (tagged.get(tag) ?? new Set()).add(keyword));
    } else if (/^\d{1,9}$/.test(item.text)) {
      rule.rank = Number(item.text);
    } else {
      fail(item, 'expected = and a word, DLIST, a rank, or a list; is a parenthesis missing?');
    }
  }
  return rule;
}

function parseTransformation(list: List, links: Link[]): Rule['transformations'][number] {
  const [pattern, ...rest] = list.items;
  if (pattern?.kind !== 'list') fail(list, 'a transformation begins with a pattern in parentheses, such as (0 YOU 0)');
  if (rest.length === 0) fail(list, 'this pattern has no answers; add one such as (GO ON)');
  const parsed = parsePattern(pattern.items, pattern);
  const reassemblies = rest.map((item) => {
    if (item.kind !== 'list') fail(item, 'an answer must be in parentheses');
    const reassembly = parseReassembly(item, parsed.length);
    if ('keyword' in reassembly) noted(reassembly.keyword, item, links);
    return reassembly;
  });
  return { pattern: parsed, reassemblies };
}

/** `(MEMORY KEYWORD (pattern = template) …)` with four forms, because the hash that chooses one has two bits. */
function parseMemory(list: List, [keyword, ...forms]: readonly Node[], links: Link[]): Memory {
  if (keyword?.kind !== 'word') fail(list, 'a keyword must follow MEMORY');
  if (forms.length !== 4) fail(list, `MEMORY has four forms, not ${forms.length}`);
  return {
    keyword: noted(keyword.text, keyword, links),
    forms: forms.map((form) => {
      const items = form.kind === 'list' ? form.items : [];
      const equals = items.findIndex((item) => item.kind === 'word' && item.text === '=');
      if (equals < 0)
        fail(form, 'a form of MEMORY is a pattern, = and an answer, such as (0 YOUR 0 = TELL ME OF YOUR 3)');
      const pattern = parsePattern(items.slice(0, equals), form);
      return { pattern, template: parseTemplate(items.slice(equals + 1), form, pattern.length) };
    }),
  };
}

function noted(keyword: string, node: Node, links: Link[]): string {
  links.push({ keyword, node });
  return keyword;
}
