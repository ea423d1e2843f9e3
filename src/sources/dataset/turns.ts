import type { Carried, ChatMessage } from '../exports/chat-message.ts';
import { asList, asObject, asText, firstText, isObject, type Json } from '../exports/json-values.ts';
import { isoTime } from '../time/iso-times.ts';

/** A message of a data set, whatever its keys are called. */
export type Turn = Json;

/** The messages of one conversation, its system prompt first; null if it has no list of them. */
export function turnsOf(value: Json | unknown[]): unknown[] | null {
  if (Array.isArray(value)) return value;
  const list = LISTS.map((key) => value[key]).find((found) => Array.isArray(found));
  if (list === undefined) return null;
  const prompt = firstText(value['system'], value['system_prompt']);
  return prompt === '' ? asList(list) : [{ role: 'system', content: prompt }, ...asList(list)];
}

const LISTS = ['messages', 'conversations', 'conversation', 'items'];

export function isTurn(value: unknown): value is Turn {
  return isObject(value) && SENDERS.some((key) => typeof value[key] === 'string');
}

const SENDERS = ['role', 'from', 'name'];

/** Data sets have no times, so a message without one is no finding; NaN only if one is there and cannot be read. */
export function turnMessage(turn: Turn): ChatMessage {
  const role = firstText(turn['role'], turn['from']);
  const content = turn['content'] ?? turn['value'] ?? turn['text'] ?? turn['refusal'];
  return {
    from: firstText(turn['name'], role),
    time: turn['timestamp'] === undefined ? null : isoTime(asText(turn['timestamp'])),
    text: contentText(content),
    kind: BY_APP.test(role) ? 'app' : 'typed',
    carries:
      contentParts(content)
        .map(partKind)
        .find((kind) => kind !== null) ?? null,
    share: null,
    forwarded: false,
    reactions: [],
  };
}

/** Nobody says what these roles write: prompts, and the calls and results of tools. */
const BY_APP = /^(system|developer|tool|function|function_call|observation)$/i;

/** A text, or a list of parts such as `{"type": "text", "text": "…"}`. */
function contentText(content: unknown): string {
  if (!Array.isArray(content)) return asText(content);
  return content
    .map((part: unknown) =>
      typeof part === 'string' ? part : firstText(asObject(part)['text'], asObject(part)['refusal']),
    )
    .filter((text) => text !== '')
    .join('\n');
}

function contentParts(content: unknown): Json[] {
  return asList(content).map(asObject);
}

function partKind(part: Json): Carried | null {
  const type = asText(part['type']);
  if (/image/.test(type)) return 'photo';
  if (/audio/.test(type)) return 'audio';
  if (/video/.test(type)) return 'video';
  return /file/.test(type) ? 'file' : null;
}
