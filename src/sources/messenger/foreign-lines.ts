import type { AppLine } from './system-lines.ts';

/**
 * Recognizes lines that nobody typed in exports of accounts in any language, by their form as far as it tells:
 *
 * - A voice message has no text, so the line beside one is the app's.
 * - `Ann hat ein Foto gesendet.`: a sentence beside a photo that begins with its sender, or with `You`.
 * - `Hat mit 👍 auf deine Nachricht reagiert `: one emoji inside a sentence that ends with a space. Texts that people
 *   type do not: the app trims them. Without the space, only if it has the words for reacting to a message.
 * - `Ihr seid jetzt auf Messenger verbunden`: the oldest message of a thread, if it names Messenger.
 * - `Ann hat die Gruppe «Cats» genannt.`: a sentence that begins with its sender and is about the group, a nickname, …
 */
export function foreignAppLine(
  raw: { text: string; from: string; carries: string | null },
  isOldest: boolean,
): AppLine | null {
  const { text, from, carries } = raw;
  if (carries === 'audio') return 'attachment line';
  if (text.length <= LONGEST_REACTION && REACTED.test(text) && isReaction(text)) return 'reaction line';
  if (!isOldest && !LINE_ENDS.has(text.at(-1)!)) return null; // nearly all messages end here
  if (text.length > LONGEST_CHARS || text.includes('\n')) return null;
  if (/[\p{L}.] $/u.test(text) && isReaction(text)) return 'reaction line';
  const trimmed = text.trim();
  if (isOldest && /(^|[^\p{L}])Messenger/u.test(trimmed) && !/[?]/.test(trimmed)) return 'system line';
  if (!SENTENCE_ENDS.has(trimmed.at(-1)!)) return null;
  const beginsWithName =
    trimmed[0] === from[0] && [from, from.split(' ')[0]!].some((name) => trimmed.startsWith(`${name} `));
  if (carries !== null && carries !== 'share' && (beginsWithName || YOU.test(trimmed))) return 'attachment line';
  return beginsWithName && ABOUT.test(trimmed) ? 'system line' : null;
}

/** Longer than any such line, except for those with a long group name. */
const LONGEST_CHARS = 200;
const SENTENCE_ENDS = new Set(['.', '!', '。', '।', '»', '”', '"']);
const LINE_ENDS = new Set([...SENTENCE_ENDS, ' ']);
const EMOJI = /\p{Extended_Pictographic}(?:\ufe0f|\p{EMod}|\u200d\p{Extended_Pictographic})*|\p{RI}\p{RI}/gu;

const LONGEST_REACTION = 100;
/** To react, and the message, in either order. */
const REACTED =
  /^(?=.*(?:reagi|réagi|reaccion|reageer|reager|reagow|reagova|reagoi|reagál|реагир|реагув|αντέδρα|tepki))(?=.*(?:nachricht|message|mensaje|messaggio|mensagem|bericht|wiadomo|zpráv|správ|meddel|besked|melding|viesti|üzenet|сообщ|повідом|μήνυμα|mesaj))/iu;

/** A sentence with one emoji inside. */
function isReaction(text: string): boolean {
  if (!/^(\p{Lu}|\p{Lo})/u.test(text)) return false;
  const found = [...text.matchAll(EMOJI)];
  if (found.length !== 1) return false;
  const [{ 0: emoji, index }] = found as [RegExpExecArray];
  const words = (part: string): number => part.match(/[\p{L}\p{M}]+/gu)?.length ?? 0;
  return words(text.slice(0, index)) >= 1 && words(text.slice(index + emoji.length)) >= 2;
}

/** «You» at the beginning of a sentence about the exporting person. */
const YOU =
  /^(Du|Sie|Tu|Vous|T[uú]|Usted|Has|Hai|Voc[eê]|Je|Jij|U|Du har|Sinä|Вы|Ви|Ты|Ти|Εσείς|Στείλατε|Bir|أنت|لقد|Kamu|Anda|Bạn|คุณ|あなた|你|您)(?=[\s\u3040-\u30ff\u4e00-\u9fff\u0e00-\u0e7f])/u;

/**
 * What the app's lines are about, as the beginnings of words: the group, nicknames, the emoji, themes, polls, calls.
 * None is an English word: system-lines.ts knows English lines by their verbs.
 */
const ABOUT =
  /grupp|groep|groupe(?!d)|grupo|gruppo|grup|групп|груп|ομάδα|skupin|csoport|ryhm|spitzname|surnom|apodo|apelido|alcunha|soprannom|bijna|pseudonim|przezwisk|прозвищ|псевдоним|öknamn|kallenavn|kælenavn|lempinim|becen|takma ad|biệt danh|(das|el|lo|o|la|de|het|l['’]) ?emoji|смайл|das design|thème|tema|thema|motyw|тем[ау]|umfrage|sondage|encuesta|enquete|sondagg|ankiet|опрос|anruf|appel|llamad|chiamat|chamad|oproep|połącz|звон|チャット|グループ|群|그룹/iu;
