import { hash } from './hash.ts';
import { match, reassemble } from './match.ts';
import type { Rule, Script, Transformation } from './script.ts';
import { textOf, wordsOf } from './words.ts';

export interface Eliza {
  hello: string;
  /** Answers any text, in upper case and never empty. The same lines in the same order get the same answers. */
  answer: (line: string) => string;
}

/** A conversation with ELIZA as she was in 1966. She remembers what was said and which answers she gave. */
export function openEliza(script: Script): Eliza {
  /** counts inputs from 1 to 4 and again from 1 */
  let limit = 1;
  const memories: string[] = [];
  const nextReassembly = nextInTurn();
  return {
    hello: script.hello,
    answer(line) {
      limit = (limit % 4) + 1;
      const { words, keywords } = scan(line, script);
      if (keywords[0] !== undefined && keywords[0] === script.memory?.keyword) memorize(script, words, memories);
      const memory = keywords.length === 0 && limit === 4 ? memories.shift() : undefined;
      const answer = memory ?? transformed({ script, words, keywords, nextReassembly });
      return answer || NOTHING_MATCHED[limit - 1]!;
    },
  };
}

/** What the original says when no pattern of a keyword matches. */
const NOTHING_MATCHED = ['PLEASE CONTINUE', 'HMMM', 'GO ON, PLEASE', 'I SEE'];

/** A script may refer in circles, and make the input longer each time. No sensible one goes so far for one answer. */
const MAX_STEPS = 1000;
const MAX_WORDS = 10_000;

/**
 * Replaces words as their rules say and collects the keywords, the first to answer in front. Only one clause counts:
 * the first with a keyword.
 */
function scan(line: string, { rules }: Script): { words: string[]; keywords: string[] } {
  let words: string[] = [];
  const keywords: string[] = [];
  let highest = 0;
  for (const word of wordsOf(line)) {
    if (word === ',' || word === '.' || word === 'BUT') {
      if (keywords.length > 0) break;
      words = [];
      continue;
    }
    const rule = rules.get(word);
    if (rule && (rule.transformations.length > 0 || rule.link !== null)) {
      if (rule.rank > highest) keywords.unshift(word);
      else keywords.push(word);
      highest = Math.max(highest, rule.rank);
    }
    words.push(rule?.replacement ?? word);
  }
  return { words, keywords };
}

function memorize(script: Script, words: readonly string[], memories: string[]): void {
  const { pattern, template } = script.memory!.forms[hash(words.at(-1)!, 2)]!;
  const parts = match(pattern, words, script.tagged);
  if (parts) memories.push(textOf(reassemble(template, parts)));
}

type NextReassembly = (transformation: Transformation) => Transformation['reassemblies'][number];

/** Each transformation takes its reassemblies in turn. */
function nextInTurn(): NextReassembly {
  const uses = new Map<Transformation, number>();
  return (transformation) => {
    const used = uses.get(transformation) ?? 0;
    uses.set(transformation, used + 1);
    return transformation.reassemblies[used % transformation.reassemblies.length]!;
  };
}

/** The answer of the first keyword that has one; empty if nothing matches. */
function transformed({
  script,
  words,
  keywords,
  nextReassembly,
}: {
  script: Script;
  words: readonly string[];
  keywords: readonly string[];
  nextReassembly: NextReassembly;
}): string {
  const ruleOf = (keyword: string | undefined): Rule => script.rules.get(keyword ?? '') ?? script.none;
  const left = [...keywords];
  let rule = ruleOf(left.shift());
  for (let step = 0; step < MAX_STEPS; step++) {
    const found = firstMatch(rule, words, script);
    if (!found) {
      if (rule.link === null) return '';
      rule = ruleOf(rule.link);
      continue;
    }
    const reassembly = nextReassembly(found.transformation);
    if (reassembly.kind === 'say') return textOf(reassemble(reassembly.template, found.parts));
    if (reassembly.kind === 'rewrite') {
      words = reassemble(reassembly.template, found.parts);
      if (words.length > MAX_WORDS) return '';
    }
    rule = ruleOf(reassembly.kind === 'next keyword' ? left.shift() : reassembly.keyword);
  }
  return '';
}

function firstMatch(
  rule: Rule,
  words: readonly string[],
  { tagged }: Script,
): { transformation: Transformation; parts: string[][] } | null {
  for (const transformation of rule.transformations) {
    const parts = match(transformation.pattern, words, tagged);
    if (parts) return { transformation, parts };
  }
  return null;
}
