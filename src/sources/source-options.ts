import type { Columns } from './tables/columns.ts';
import type { DialogueRules } from './ubuntu/dialogue-rules.ts';
import type { Section } from './messenger/layout.ts';

/** The user's options for reading chats. Their defaults are in the schema of the ingest stage. */
export interface SourceOptions {
  /** IANA name, for times without a zone, as in HTML exports and phone logs */
  timeZone: string;
  /** of numeric dates whose order the file itself does not tell; undefined: guessed, with a warning */
  dateOrder?: 'day-month-year' | 'month-day-year' | 'year-month-day';
  messages: MessageChoices;
  /** for tables: the names of the columns */
  columns?: Columns;
  /** for plain text: the mark that ends a document, such as `<|endoftext|>` */
  documentEnd?: string;
  /** for the Ubuntu corpus: which dialogues to keep */
  ubuntu: DialogueRules;
}

/** How to treat messages that are not plain text. Dropped messages are counted by reason. */
export interface MessageChoices {
  /** which folders of a Messenger or Instagram export to read */
  sections: Section[];
  /** messages that their sender deleted but whose text the export still has */
  unsent: 'drop' | 'keep';
  /** `placeholder`: the message becomes `[call]` */
  calls: 'drop' | 'placeholder';
  stickers: 'drop' | 'placeholder';
  /** photos, videos, GIFs, sound and files without a caption */
  media: 'drop' | 'placeholder';
  /** the text sent with a photo, video, … */
  captions: 'keep' | 'drop';
  /**
   * what to keep of a shared page: nothing, its link, or its link and the preview text. The sender's own text is always
   * kept.
   */
  shares: 'drop' | 'link' | 'text';
  /** forwarded messages, written by somebody else */
  forwarded: 'keep' | 'drop';
  /** `message`: a reaction becomes a message `[reacted ❤]` from the person who reacted */
  reactions: 'drop' | 'message';
  /** lines that the app writes in a person's name, such as naming the group, leaving, changing the theme */
  system: 'drop' | 'keep';
  /** regular expressions that match further system lines as a whole, for accounts not set to English */
  systemLines: string[];
}
