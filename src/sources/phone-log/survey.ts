import type { TreeFile } from '../archive/tree-file.ts';
import { newTally } from '../tally.ts';
import type { DateOrder } from './date-order.ts';
import { dateOrders, type Decided } from './date-orders.ts';
import { halfClock, type HalfClock } from './half-clock.ts';
import { logHead, withoutMarks } from './line.ts';
import type { LogHead } from './log-head.ts';
import { readSourceLines } from '../source-lines.ts';
import { appPlaceholders, countPlaceholder } from './placeholder.ts';
import { unmarkedLog, type Unmarked } from './unmarked.ts';
import { countSender, newSenders, type Senders } from './sender.ts';

/** What only all lines of a log together show. */
export interface LogSurvey extends Decided {
  /** lines that begin messages */
  heads: number;
  /** lines that begin like messages, but in another form than the others: somebody pasted or typed them */
  strays: number;
  /** where the first of them stands */
  firstStray: string;
  /** lines that begin with a date and a time of day that cannot be read, and where the first of them stands */
  unread: { lines: number; first: string };
  /** Whether the line begins a message. */
  begins(head: LogHead): boolean;
  halves: HalfClock;
  senders: Senders;
  /** what the app writes in place of media, such as `<Media omitted>` */
  placeholders: ReadonlySet<string>;
  /** of an iPhone's log without its marks; null for any other log */
  unmarked: Unmarked | null;
}

const APP_MARK = '\u200e';

/** A numeric date, and a time of day soon after it. */
const DATED =
  /^\u200e?[[(]?\p{Nd}{1,4}\s?[./-]\s?\p{Nd}{1,2}\s?[./-]\s?\p{Nd}{1,4}(?!\p{Nd}).{1,24}?\p{Nd}{1,2}[:.]\p{Nd}{2}(?!\p{Nd})/u;

/** Reads a whole log. `given` is the user's choice of the order of dates. */
export async function surveyLog(file: TreeFile, given?: DateOrder): Promise<LogSurvey> {
  const forms = new Map<string, Form>();
  const orders = dateOrders(given);
  const halves = halfClock();
  const senders = newSenders();
  const placeholders = new Map<string, number>();
  const unread = { lines: 0, first: '' };
  let first: LogHead | null = null;
  let hasMarks = false;
  for await (const { text, place } of readSourceLines(file, newTally())) {
    const line = withoutMarks(text);
    hasMarks ||= line.length !== text.length && text.includes(APP_MARK);
    const head = logHead(line);
    if (head === null) {
      if (DATED.test(text)) {
        unread.lines++;
        unread.first ||= place;
      }
      continue;
    }
    const isSent = countSender(head.rest, senders);
    addForm(head, isSent, place, forms);
    first ??= head;
    orders.add(head);
    halves.add(head);
    countPlaceholder(head.rest, placeholders);
  }
  const accepted = acceptedForms(forms);
  const strays = [...forms].filter(([form]) => !accepted.has(form)).map(([, form]) => form);
  return {
    ...orders.decide(accepted),
    heads:
      [...forms.values()].reduce((sum, { lines }) => sum + lines, 0) -
      strays.reduce((sum, { lines }) => sum + lines, 0),
    strays: strays.reduce((sum, { lines }) => sum + lines, 0),
    firstStray: strays[0]?.first ?? '',
    begins: ({ form }) => accepted.has(form),
    unread,
    halves,
    senders,
    placeholders: appPlaceholders(placeholders),
    unmarked: hasMarks || first === null ? null : unmarkedLog(first, senders),
  };
}

interface Form {
  lines: number;
  /** lines with a colon after a name */
  sent: number;
  usual: boolean;
  first: string;
}

function addForm({ form, usual }: LogHead, isSent: boolean, place: string, forms: Map<string, Form>): void {
  let known = forms.get(form);
  if (known === undefined) {
    known = { lines: 0, sent: 0, usual, first: place };
    if (forms.size < MOST_FORMS) forms.set(form, known);
  }
  known.lines++;
  if (isSent) known.sent++;
}

const MOST_FORMS = 1000;

/**
 * An export has one form, and several exports in one file have several. What people paste or type has others, but few
 * lines of it.
 */
function acceptedForms(forms: Map<string, Form>): Set<string> {
  const most = Math.max(0, ...[...forms.values()].map(({ sent }) => sent));
  const mostIsUsual = [...forms.values()].some(({ sent, usual }) => sent === most && usual);
  const least = ({ usual }: Form): number => (usual ? (mostIsUsual ? most / 50 : most / 10) : most / 4);
  const isAccepted = (form: Form): boolean => (most === 0 ? form.usual : form.sent > 0 && form.sent >= least(form));
  return new Set([...forms].filter(([, form]) => isAccepted(form)).map(([name]) => name));
}
