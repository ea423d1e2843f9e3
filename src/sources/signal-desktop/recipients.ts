import { distinctNames } from '../exports/distinct-names.ts';
import { asObject, asText, firstText, type Json } from '../exports/json-values.ts';

/** Who is who in one export. Frames refer to one another by numbers. */
export interface AddressBook {
  /** recipient → name of the person or group */
  names: Map<string, string>;
  /** account id (base64) → name, for mentions */
  byAccount: Map<string, string>;
  /** chat → name of its recipient */
  chats: Map<string, string>;
  /** the exporting person's name */
  own: string;
  distinct: ReturnType<typeof distinctNames>;
}

export function newAddressBook(): AddressBook {
  return { names: new Map(), byAccount: new Map(), chats: new Map(), own: 'Me', distinct: distinctNames() };
}

export function noteAccount(account: Json, book: AddressBook): void {
  book.own = firstText(fullName(account['givenName'], account['familyName']), account['username'], book.own);
}

export function noteRecipient(recipient: Json, book: AddressBook): void {
  const id = asText(recipient['id']) || '0';
  const contact = asObject(recipient['contact']);
  const title = asObject(asObject(asObject(recipient['group'])['snapshot'])['title'])['title'];
  const name = recipient['self'] === undefined ? firstText(contactName(contact), title) : book.own;
  if (name === '') return;
  const given = book.distinct(id, name, asText(contact['username']) || phone(contact));
  book.names.set(id, given);
  const account = asText(contact['aci']);
  if (account !== '') book.byAccount.set(account, given);
}

export function noteChat(chat: Json, { chats, names }: AddressBook): void {
  const name = names.get(asText(chat['recipientId']) || '0');
  if (name !== undefined) chats.set(asText(chat['id']) || '0', name);
}

/** In the order in which Signal itself chooses the name that it shows. */
function contactName(contact: Json): string {
  const nickname = asObject(contact['nickname']);
  return firstText(
    fullName(nickname['given'], nickname['family']),
    fullName(contact['systemGivenName'], contact['systemFamilyName']),
    contact['systemNickname'],
    fullName(contact['profileGivenName'], contact['profileFamilyName']),
    phone(contact),
    contact['username'],
  );
}

function phone(contact: Json): string {
  const digits = asText(contact['e164']);
  return digits === '' || digits === '0' ? '' : `+${digits}`;
}

function fullName(given: unknown, family: unknown): string {
  return `${asText(given)} ${asText(family)}`.trim();
}
