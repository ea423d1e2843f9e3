/**
 * The prefix of a message in a log exported by a phone: `30/01/19, 20:49 - `, `[2019-12-24, 12:23] `, `٣٠‏/١‏/٢٠١٩،
 * ٨:٤٩ م
 *
 * - `, `02.05.18 à 18:00 - `.
 */
export interface LogHead {
  /** the same for all messages of an export: which punctuation and words stand where */
  form: string;
  /** whether it has the commonest form: date first, ASCII digits, nothing but a comma before the time */
  usual: boolean;
  /** the three numbers of the date, as written; the year of a Japanese era as one of ours */
  date: [number, number, number];
  /** which number has three digits or more; null if none has */
  yearAt: 0 | 2 | null;
  separator: string;
  hour: number;
  minute: number;
  second: number;
  /** what stands beside the time: `PM`, `下午`, `à`; '' if nothing */
  words: string;
  /** the rest of the line: `Name: text`, or a line of the app itself */
  rest: string;
}
