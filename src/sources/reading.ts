import type { Columns } from './tables/columns.ts';
import type { DialogueRules } from './ubuntu/dialogue-rules.ts';
import type { Section } from './messenger/layout.ts';
import type { Sample } from './sample-conversations.ts';

/** What a person may choose about how chats are read; the defaults stand in the ingest stage's schema. */
export interface Reading {
  /** IANA name, for times without a zone: those of HTML exports and of phones' logs */
  timeZone: string;
  messages: MessageChoices;
  /** for tables: the columns by name */
  columns?: Columns;
  /** for the Ubuntu corpus: which dialogues are kept */
  ubuntu: DialogueRules;
  sample?: Sample;
}

/** What becomes of messages that are not plain text. What is dropped is counted by its reason. */
export interface MessageChoices {
  /** folders of a Messenger or Instagram export that are read */
  sections: Section[];
  /** taken back by their sender, where the export still has the text */
  unsent: 'drop' | 'keep';
  /** `placeholder`: the message becomes `[call]` */
  calls: 'drop' | 'placeholder';
  stickers: 'drop' | 'placeholder';
  /** photos, videos, GIFs, sound and files without words */
  media: 'drop' | 'placeholder';
  /** the words beside a photo, video, … */
  captions: 'keep' | 'drop';
  /**
   * of a shared page: nothing, its link, or its link and the words shown with it. What the person wrote beside it
   * always stays.
   */
  shares: 'drop' | 'link' | 'text';
  /** what a person passed on, in the words of somebody else */
  forwarded: 'keep' | 'drop';
  /** `message`: a reaction becomes a message `[reacted ❤]` of the one who reacted */
  reactions: 'drop' | 'message';
  /** what the app itself says in the name of a person: who named the group, left, changed the theme */
  system: 'drop' | 'keep';
  /** regular expressions of whole lines that are system lines too, for accounts in other languages than English */
  systemLines: string[];
}
