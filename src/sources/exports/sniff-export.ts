import type { SourceFormat } from '../format-names.ts';

/** Recognizes an export of an app by the first few thousand characters of a file; null if it is none of these. */
export function sniffExport(text: string): SourceFormat | null {
  const start = text.replace(/^[\s\ufeff]+/, '');
  if (/^<(!doctype html|html)/i.test(start)) return isTelegramPage(start) ? 'telegram' : null;
  if (/^#[^\n]*\n/.test(start)) return CHATLAB.test(start) ? 'chatlab' : null;
  if (start.startsWith('[')) return sniffList(start);
  if (!start.startsWith('{')) return null;
  // In this order, because the later ones are less distinct: any app may have "messages".
  if (CHATLAB.test(start)) return 'chatlab';
  if (/^\{[^\n]*"backupTimeMs"\s*:/.test(start)) return 'signal-desktop';
  if (has(start, 'guild', '\\{') && has(start, 'channel', '\\{')) return 'discord';
  if (has(start, 'messages', '\\[') && has(start, 'creator', '\\{') && GOOGLE.test(start)) return 'google-chat';
  return isDataset(start) ? 'dataset' : null;
}

const CHATLAB = /"chatlab"\s*:\s*\{/;
const GOOGLE = /"(created_date|topic_id|message_id|user_type)"\s*:/;

/** The pages of chats, and those of an account that list them, have these classes and texts. */
function isTelegramPage(start: string): boolean {
  return /class="[^"]*\b(page_wrap|chat_page|page_header)\b/.test(start);
}

function sniffList(start: string): SourceFormat | null {
  if (/"ts"\s*:\s*"\d{9,}\.\d+"|"client_msg_id"\s*:/.test(start) && /"type"\s*:\s*"message"/.test(start))
    return 'slack';
  return isDataset(start) ? 'dataset' : null;
}

function isDataset(start: string): boolean {
  return hasTurns(start) || (TURNS.test(start) && /"content"\s*:/.test(start));
}

/** A list of messages, or a list of such lists. */
const TURNS = /^\[\s*(?:\[\s*)?\{[^[\]{}]*"role"\s*:\s*"\w+"/;

function hasTurns(start: string): boolean {
  const isOpenAi = has(start, 'messages', '\\[') && /"role"\s*:\s*"\w+"/.test(start);
  const isShareGpt = /"(?:conversations?|items)"\s*:\s*\[/.test(start) && /"(value|role|content)"\s*:/.test(start);
  return isOpenAi || (isShareGpt && /"(from|role)"\s*:\s*"/.test(start));
}

function has(text: string, key: string, bracket: string): boolean {
  return new RegExp(`"${key}"\\s*:\\s*${bracket}`).test(text);
}
