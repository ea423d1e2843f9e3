import type { LogHead } from './log-head.ts';
import { sentLine, type Senders } from './sender.ts';

/**
 * A log of an iPhone that lost its marks: U+200E stood before whatever the app itself wrote. Another program or a
 * clipboard took them out.
 */
export interface Unmarked {
  /** in whose name the app wrote about the group, which is no person; null if two people talk */
  group: string | null;
}

/** Tells such a log by its first line, which the app writes in the name of the chat. Null for any other log. */
export function unmarkedLog(first: LogHead, senders: Senders): Unmarked | null {
  if (!first.form.endsWith(']')) return null;
  const sent = sentLine(first.rest, senders);
  if (sent === null || sent.text.length < SHORTEST_NOTICE || !ENCRYPTED.test(sent.text)) return null;
  const all = [...senders.spaced.values()].reduce((sum, { lines }) => sum + lines, 0);
  const isGroup = senders.spaced.size > 2 && (senders.spaced.get(sent.from)?.lines ?? 0) * 2 <= all;
  return { group: isGroup ? sent.from : null };
}

/** Whether the app wrote a message of such a log: it begins with the name of the person whom it is about. */
export function isUnmarkedNotice(from: string, text: string): boolean {
  return text.startsWith(`${from} `) || (text.length >= SHORTEST_NOTICE && ENCRYPTED.test(text));
}

const SHORTEST_NOTICE = 25;

/** “From end to end”, in the languages of most users. */
const ENCRYPTED =
  /end[- ]to[- ]end|ende-zu-ende|bout en bout|extremo? a extrem|punta a punta|p[ou]nt[ao] a p[ou]nt[ao]|сквозн|наскрізн|от край до край|uçtan uca|totalsträck|ende-til-ende|päästä päähän|koncov|végpont|végtől|capăt la capăt|άκρο σε άκρο|kraja? do kraja?|מקצה לקצה|طرفين|سرتاسر|از ابتدا|एंड-टू-एंड|এন্ড-টু-এন্ড|端到端|端對端|点对点|點對點|エンドツーエンド|종단|ต้นทางถึงปลายทาง|đầu cuối|menyeluruh|hujung ke hujung/iu;
