import type { Message } from '../../src/artifacts/conversations.ts';
import { LINK } from './redact.ts';
import type { Shape } from './shape-params.ts';

/** Why a message is dropped, or the text that remains of it. */
export type Verdict = { kind: 'dropped'; reason: string } | { kind: 'kept'; text: string };

/** Whether any of these rules is set. */
export function judgesMessages({
  people,
  notPeople,
  from,
  until,
  links,
  minChars,
  maxChars,
  scripts,
}: Shape['keep']): boolean {
  return (
    people.length + notPeople.length + scripts.length + minChars + maxChars > 0 ||
    from !== undefined ||
    until !== undefined ||
    links !== 'keep'
  );
}

/** Applies the rules that depend on a single message. */
export function messageRule(keep: Shape['keep']): (message: Message) => Verdict {
  const [only, not] = [new Set(keep.people), new Set(keep.notPeople)];
  const from = keep.from === undefined ? -Infinity : Date.parse(keep.from);
  const until = keep.until === undefined ? Infinity : Date.parse(keep.until) + DAY_MS;
  const dated = keep.from !== undefined || keep.until !== undefined;
  const foreign = keep.scripts.length > 0 ? scriptRule(keep.scripts) : null;
  const dropped = (reason: string): Verdict => ({ kind: 'dropped', reason });
  return ({ from: name, time, text }) => {
    if (not.has(name) || (only.size > 0 && !only.has(name))) return dropped('person not wanted');
    if (dated && (time === null || time < from || time >= until))
      return dropped(time === null ? 'no time' : 'outside the dates');
    const remaining = withoutLinks(text, keep.links);
    if (remaining === '' && text !== '') return dropped('only a link');
    if (remaining.length < keep.minChars) return dropped('too short');
    if (keep.maxChars > 0 && remaining.length > keep.maxChars) return dropped('too long');
    if (foreign?.(remaining)) return dropped('other script');
    return { kind: 'kept', text: remaining };
  };
}

const DAY_MS = 86_400_000;

function withoutLinks(text: string, links: Shape['keep']['links']): string {
  switch (links) {
    case 'keep':
      return text;
    case 'placeholder':
      return text.replace(LINK, '[link]');
    case 'drop':
      return text.search(LINK) >= 0 ? text.replace(LINK, '').replace(/ {2,}/g, ' ').trim() : text;
  }
}

/** Whether fewer than half of a text's letters are in the given scripts. Never true for a text without letters. */
function scriptRule(scripts: string[]): (text: string) => boolean {
  const wanted = new RegExp(`[${scripts.map((script) => `\\p{Script=${script}}`).join('')}]`, 'gu');
  return (text) => {
    const letters = text.match(/\p{L}/gu)?.filter((letter) => !COMMON.test(letter)) ?? [];
    const matching = letters.join('').match(wanted)?.length ?? 0;
    return matching * 2 < letters.length;
  };
}

const COMMON = /\p{Script=Common}/u;
