import type { LineSink } from './html-lines.ts';
import type { Carried, RawMessage } from './message.ts';
import { carriedFile } from './record.ts';

/** One message as it stands on a page. */
export interface HtmlMessage extends Pick<RawMessage, 'from' | 'text' | 'carries' | 'share' | 'reactions'> {
  date: string;
}

export type HtmlFound = { kind: 'message'; message: HtmlMessage } | { kind: 'lost'; reason: string };

export type Role = 'sender' | 'body' | 'time' | 'reactions';

/** What an element is by its class: 2018 to 2021, and 2022 on. */
export function roleOf(attributes: Record<string, string>): Role | null {
  for (const name of attributes['class']?.split(/\s+/) ?? []) if (Object.hasOwn(ROLES, name)) return ROLES[name]!;
  return null;
}

export const PARTICIPANTS = 'Participants:';

/** Finds messages by the classes of sender, body, time and reactions. */
export function messagesByClass(found: (one: HtmlFound) => void): LineSink & { end(): void } {
  /** elements with a role around the present place, innermost last */
  const regions: { role: Role; depth: number }[] = [];
  let depth = 0;
  let draft: Draft | null = null;
  const role = (): Role | undefined => regions.at(-1)?.role;

  const finish = (): void => {
    if (draft && draft.date !== '') found({ kind: 'message', message: messageOf(draft) });
    else if (draft && !draft.from.startsWith(PARTICIPANTS)) found({ kind: 'lost', reason: 'message without a date' });
    draft = null;
  };
  /** Whether the element is part of a message. */
  const begin = (next: Role): boolean => {
    if (next === 'sender') {
      finish();
      draft = { from: '', date: '', carries: null, groups: [], reactions: [] };
    } else if (draft === null && next === 'time') found({ kind: 'lost', reason: 'message without a sender' });
    // The class of a body may stand around whole messages.
    return draft !== null || next === 'time';
  };

  return {
    open(name, attributes) {
      // body > wrapper > one element for each of text, share, media, …
      if (draft && role() === 'body' && depth === regions.at(-1)!.depth + 1)
        draft.groups.push({ lines: [], link: null });
      depth++;
      // What people type comes without tags: a list beside it is that of the reactions, whatever its class.
      const next = roleOf(attributes) ?? (name === 'ul' && role() === 'body' ? 'reactions' : null);
      if (next !== null && next !== role() && begin(next)) regions.push({ role: next, depth });
    },
    close(isImplied) {
      depth--;
      const region = regions.at(-1);
      if (!region || depth >= region.depth) return;
      regions.pop();
      // Where the page breaks off in a date, half of it may look like a whole one.
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
          draft.reactions.push(reactionOf(text));
          break;
        case 'body':
          groupOf(draft).lines.push(text);
      }
    },
    link(href) {
      if (draft && role() === 'body') groupOf(draft).link ??= href;
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

function groupOf(draft: Draft): Draft['groups'][number] {
  if (draft.groups.length === 0) draft.groups.push({ lines: [], link: null });
  return draft.groups.at(-1)!;
}

function messageOf({ from, date, carries, groups, reactions }: Draft): HtmlMessage {
  const shared = groups.find(({ link }) => link !== null);
  const lines = groups.filter((group) => group !== shared).flatMap((group) => group.lines);
  if (lines.some((text) => /^Duration: \d/.test(text)))
    return { from, date, text: '', carries: 'call', share: null, reactions };
  const share = shared ? { link: shared.link!, text: shared.lines.join(' ') } : null;
  return { from, date, text: lines.join('\n'), carries: carries ?? (share ? 'share' : null), share, reactions };
}

/** A reaction stands before the name: `❤Ben Example`. */
function reactionOf(text: string): { from: string; reaction: string } {
  const match = /^([^\p{L}\p{N}]+)(.*)$/u.exec(text);
  return match ? { reaction: match[1]!.trim(), from: match[2]!.trim() } : { reaction: '', from: text };
}
