import type { LineSink } from './html-lines.ts';
import type { Carried, RawMessage } from './message.ts';
import { carriedFile } from './record.ts';

/** A message as shown on a page. */
export interface HtmlMessage extends Pick<RawMessage, 'from' | 'text' | 'carries' | 'share' | 'reactions'> {
  date: string;
}

export type HtmlFound = { kind: 'message'; message: HtmlMessage } | { kind: 'lost'; reason: string };

export type Role = 'sender' | 'body' | 'time' | 'reactions';

/** The role of an element by its class, in pages of 2018 to 2021 and since 2022. */
export function elementRole(attributes: Record<string, string>): Role | null {
  for (const name of attributes['class']?.split(/\s+/) ?? []) if (Object.hasOwn(ROLES, name)) return ROLES[name]!;
  return null;
}

export const PARTICIPANTS = 'Participants:';

/** The first block of a page lists the participants, after a word and a colon in any language, and has no body. */
function listsParticipants({ from, groups, carries }: Draft, isFirst: boolean): boolean {
  if (from.startsWith(PARTICIPANTS)) return true;
  return isFirst && /^[^:：]{3,30}[:：]/.test(from) && groups.every(isEmpty) && carries === null;
}

function isEmpty({ lines, link }: Draft['groups'][number]): boolean {
  return lines.length === 0 && link === null;
}

/** Finds messages by the classes of sender, body, time and reactions. */
export function messagesByClass(found: (finding: HtmlFound) => void): LineSink & { end(): void } {
  /** open elements with a role, innermost last */
  const regions: { role: Role; depth: number }[] = [];
  let depth = 0;
  let draft: Draft | null = null;
  let blocks = 0;
  const role = (): Role | undefined => regions.at(-1)?.role;

  const finish = (): void => {
    if (draft && draft.date !== '') found({ kind: 'message', message: draftMessage(draft) });
    else if (draft && !listsParticipants(draft, blocks === 0))
      found({ kind: 'lost', reason: 'message without a date' });
    if (draft) blocks++;
    draft = null;
  };
  /** Starts a message if the element is a sender. Returns whether to track the element. */
  const begin = (next: Role): boolean => {
    if (next === 'sender') {
      finish();
      draft = { from: '', date: '', carries: null, groups: [], reactions: [] };
    } else if (draft === null && next === 'time') found({ kind: 'lost', reason: 'message without a sender' });
    // An element around whole messages may also have the class of a body.
    return draft !== null || next === 'time';
  };

  return {
    open(name, attributes) {
      // body > wrapper > one element each for text, share, media, …
      if (draft && role() === 'body' && depth === regions.at(-1)!.depth + 1)
        draft.groups.push({ lines: [], link: null });
      depth++;
      // Typed text contains no tags, so a list inside the body holds the reactions, whatever its class.
      const next = elementRole(attributes) ?? (name === 'ul' && role() === 'body' ? 'reactions' : null);
      if (next !== null && next !== role() && begin(next)) regions.push({ role: next, depth });
    },
    close(isImplied) {
      depth--;
      const region = regions.at(-1);
      if (!region || depth >= region.depth) return;
      regions.pop();
      // If the page is cut off inside a date, the rest may look like a complete date.
      if (isImplied && draft) draft.date = '';
      if (region.role === 'time') finish();
    },
    line(text) {
      if (!draft) return;
      switch (role()) {
        case 'sender':
          draft.from ||= text;
          break;
        case 'time':
          draft.date ||= text;
          break;
        case 'reactions':
          draft.reactions.push(parseReaction(text));
          break;
        case 'body':
          currentGroup(draft).lines.push(text);
      }
    },
    link(href) {
      if (draft && role() === 'body') currentGroup(draft).link ??= href;
    },
    file(uri) {
      if (draft && role() === 'body') draft.carries ??= carriedFile(uri);
    },
    tooLong() {
      if (draft) found({ kind: 'lost', reason: 'text of more than 16 MB' });
    },
    end: finish,
  };
}

const ROLES: Record<string, Role> = {
  _2lel: 'sender',
  '_a6-h': 'sender',
  _2let: 'body',
  '_a6-p': 'body',
  _2lem: 'time',
  '_a6-o': 'time',
  _a72d: 'time',
  '_a6-q': 'reactions',
  _tqp: 'reactions',
};

interface Draft {
  from: string;
  date: string;
  carries: Carried | null;
  groups: { lines: string[]; link: string | null }[];
  reactions: RawMessage['reactions'];
}

function currentGroup(draft: Draft): Draft['groups'][number] {
  if (draft.groups.length === 0) draft.groups.push({ lines: [], link: null });
  return draft.groups.at(-1)!;
}

function draftMessage({ from, date, carries, groups, reactions }: Draft): HtmlMessage {
  const shared = groups.find(({ link }) => link !== null);
  const lines = groups.filter((group) => group !== shared).flatMap((group) => group.lines);
  if (lines.some((text) => /^Duration: \d/.test(text)))
    return { from, date, text: '', carries: 'call', share: null, reactions };
  const share = shared ? { link: shared.link!, text: shared.lines.join(' ') } : null;
  return { from, date, text: lines.join('\n'), carries: carries ?? (share ? 'share' : null), share, reactions };
}

/** Splits a reaction from the name after it: `❤Ben Example`. */
function parseReaction(text: string): { from: string; reaction: string } {
  const match = /^([^\p{L}\p{N}]+)(.*)$/u.exec(text);
  return match ? { reaction: match[1]!.trim(), from: match[2]!.trim() } : { reaction: '', from: text };
}
