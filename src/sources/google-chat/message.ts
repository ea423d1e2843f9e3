import type { ChatMessage } from '../exports/chat-message.ts';
import { distinctNames } from '../exports/distinct-names.ts';
import { fileKind } from '../exports/file-kind.ts';
import { asList, asObject, asText, firstText, type Json } from '../exports/json-values.ts';

/** The people of one chat. */
export interface People {
  nameOf: ReturnType<typeof distinctNames>;
  /** in lower case → name; reactions have only the address */
  byAddress: Map<string, string>;
}

export function people(): People {
  return { nameOf: distinctNames(), byAddress: new Map() };
}

/** The name of a user of the export. Remembers the address. */
export function googleName(user: Json, { nameOf, byAddress }: People): string {
  const address = asText(user['email']).toLowerCase();
  const name = firstText(user['name'], user['email']);
  const given = nameOf(address || name, name, address);
  if (address !== '') byAddress.set(address, given);
  return given;
}

/** A message of messages.json. `readTime` turns its date into milliseconds. */
export function googleMessage(raw: Json, known: People, readTime: (date: string) => number): ChatMessage {
  const annotations = asList(raw['annotations']).map(asObject);
  const [attached] = asList(raw['attached_files']).map(asObject);
  return {
    from: googleName(asObject(raw['creator']), known),
    time: readTime(writtenAt(raw)),
    text: asText(raw['text']),
    kind: isUnsent(raw) ? 'unsent' : annotations.some(isCall) ? 'call' : 'typed',
    carries: attached ? fileKind('', firstText(attached['original_name'], attached['export_name'])) : null,
    share: annotations.map(preview).find((share) => share !== null) ?? null,
    forwarded: false,
    reactions: asList(raw['reactions']).flatMap((reaction) => reactionsOf(asObject(reaction), known)),
  };
}

/** The message's date as written in the language of the account. */
export function writtenAt(raw: Json): string {
  return firstText(raw['created_date'], raw['updated_date'], raw['deleted_date']);
}

function isUnsent(raw: Json): boolean {
  return raw['message_state'] === 'DELETED' || raw['deletion_metadata'] !== undefined;
}

function isCall(annotation: Json): boolean {
  return asObject(annotation['gsuite_integration_metadata'])['call_data'] !== undefined;
}

/** The page, file, meeting or video that a message shows. */
function preview(annotation: Json): ChatMessage['share'] {
  const url = asObject(annotation['url_metadata']);
  const link = asText(asObject(url['url'])['private_do_not_access_or_else_safe_url_wrapped_value']);
  if (link !== '') return { link, text: [asText(url['title']), asText(url['snippet'])].filter(Boolean).join(' ') };
  const meeting = asText(asObject(asObject(annotation['video_call_metadata'])['meeting_space'])['meeting_url']);
  const title = asText(asObject(annotation['drive_metadata'])['title']);
  return meeting === '' && title === '' ? null : { link: meeting, text: title };
}

function reactionsOf(raw: Json, { byAddress }: People): ChatMessage['reactions'] {
  const emoji = asObject(raw['emoji']);
  const reaction = firstText(emoji['unicode'], asObject(emoji['custom_emoji'])['short_code']);
  return asList(raw['reactor_emails']).map((email) => {
    const address = asText(email);
    return { from: byAddress.get(address.toLowerCase()) ?? address, reaction };
  });
}
