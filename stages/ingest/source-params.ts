import { Type } from '@sinclair/typebox';
import { namelessPath } from '../../src/files/nameless-path.ts';
import { isOneWord } from '../../src/files/nameless-text.ts';
import { closedObject } from '../../src/pipeline/define-contract.ts';
import type { ParamFault } from '../../src/pipeline/stage-kind.ts';
import { FORMATS, type SourceFormat } from '../../src/sources/format-names.ts';
import { isTimeZone } from '../../src/sources/time/local-time.ts';
import type { SourceOptions } from '../../src/sources/source-options.ts';
import type { Columns } from '../../src/sources/tables/columns.ts';
import { tableParams } from './table-params.ts';

const PATH_DESCRIPTION = 'file, folder or .zip to read; there is no need to unpack a downloaded export';

const format = Type.Union([Type.Literal('auto'), ...FORMATS.map((name) => Type.Literal(name))], {
  default: 'auto',
  description:
    'auto: detected from the content, and reported; messenger, instagram, telegram, slack, google-chat, signal-desktop: the export of your account; discord, chatlab: JSON of an exporter; whatsapp, signal, imessage, line, kakaotalk: chats exported as text; ubuntu: the Ubuntu Dialogue Corpus in any packaging, or #ubuntu logs; csv: one message per row, see columns; jsonl: one {"turns": [...]} per line, or one message per line, see columns; dataset: {"messages": [...]} as for OpenAI, or {"conversations": [...]} as in ShareGPT; dialogue: lines such as Name: text; text: plain lines',
});

const dateOrder = Type.Optional(
  Type.Unsafe<'day-month-year' | 'month-day-year' | 'year-month-day'>(
    Type.Union(
      ['day-month-year', 'month-day-year', 'year-month-day'].map((order) => Type.Literal(order)),
      {
        description:
          'order of day, month and year in numeric dates, such as 01/02/2023; without it, all dates of a file together tell the order, and the run warns if they do not',
      },
    ),
  ),
);

const documentEnd = Type.Optional(
  Type.String({
    minLength: 1,
    description:
      "for format text: a mark that ends a document, such as <|endoftext|>; gpt-2-simple's <|startoftext|> in front of a document is then left out. Without it, two blank lines end a conversation",
  }),
);

/** What to read: either one source, or several with a format each. */
export const sourceParams = {
  source: Type.Optional(Type.String({ minLength: 1, description: PATH_DESCRIPTION })),
  sources: Type.Optional(
    Type.Array(
      closedObject({
        path: Type.String({ minLength: 1, description: PATH_DESCRIPTION }),
        format,
        timeZone: Type.Optional(
          Type.String({
            minLength: 1,
            description: "time zone of this source's dates; default: `timeZone` of the stage",
          }),
        ),
        columns: tableParams.columns,
        dateOrder,
        documentEnd,
      }),
      {
        minItems: 1,
        description:
          'instead of `source`: several sources, such as the exports of two apps, each with its own format. Names and aliases apply to all of them, and what two exports of one chat both contain is kept once',
      },
    ),
  ),
  format,
  dateOrder,
  documentEnd,
};

/** A source as the params name it, and the options that belong to its format. */
export interface GivenSource {
  /** dotted path of the param that names it */
  param: string;
  /** as written, for messages; a path of one word is nameless */
  named: string;
  format: SourceFormat | 'auto';
  timeZone: string;
  columns?: Columns;
  dateOrder?: DateOrder;
  documentEnd?: string;
}

type DateOrder = NonNullable<SourceOptions['dateOrder']>;

interface SourceChoices extends Omit<GivenSource, 'param' | 'named'> {
  source?: string;
  sources?: (Omit<GivenSource, 'param' | 'named' | 'timeZone'> & { path: string; timeZone?: string })[];
}

/** The sources in the order in which they are read. */
export function givenSources({ source, sources, ...common }: SourceChoices): GivenSource[] {
  const { format, timeZone, columns, dateOrder: order, documentEnd: end } = common;
  const options = {
    ...(columns ? { columns } : {}),
    ...(order === undefined ? {} : { dateOrder: order }),
    ...(end === undefined ? {} : { documentEnd: end }),
  };
  if (!sources)
    return source === undefined ? [] : [{ param: 'source', named: shownName(source), format, timeZone, ...options }];
  return sources.map(({ path, ...own }, index) => ({
    param: `sources.${index}.path`,
    named: shownName(path),
    timeZone,
    ...own,
  }));
}

/** Rules that a schema cannot express. */
export function checkSourceParams(params: SourceChoices): ParamFault[] {
  const { source, sources, format, ...options } = params;
  const faults: ParamFault[] = [];
  if (source === undefined && !sources)
    faults.push({
      path: 'source',
      message: '"source" is missing',
      hint: 'source: PATH, or sources: [{ path: PATH }, …]',
    });
  if (source !== undefined && sources)
    faults.push({ path: 'source', message: 'give either source or sources, not both' });
  if (sources)
    for (const [name, given] of Object.entries({
      format: format !== 'auto',
      columns: options.columns !== undefined,
      dateOrder: options.dateOrder !== undefined,
      documentEnd: options.documentEnd !== undefined,
    }))
      if (given)
        faults.push({
          path: name,
          message: `with sources, each of them has its own ${name}`,
          hint: `sources: [{ path: …, ${name}: … }, …]`,
        });
  for (const [index, own] of (sources ?? []).entries()) {
    if (own.timeZone !== undefined && !isTimeZone(own.timeZone))
      faults.push({
        path: `sources.${index}.timeZone`,
        message: `unknown time zone "${own.timeZone}"; use a name such as Europe/Sofia or America/New_York`,
      });
    faults.push(...checkFormatOptions(own).map((fault) => ({ ...fault, path: `sources.${index}.${fault.path}` })));
  }
  return sources ? faults : [...faults, ...checkFormatOptions(params)];
}

// ---------------------------------------------------------------------------

/** Other paths are made nameless wherever they occur in a text. */
const shownName = (path: string): string => (isOneWord(path) ? namelessPath(path) : path);

function checkFormatOptions({
  format,
  columns,
  documentEnd: end,
}: Pick<SourceChoices, 'format' | 'columns' | 'documentEnd'>): ParamFault[] {
  if (format === 'csv' && columns === undefined)
    return [
      {
        path: 'columns',
        message: '"columns" is missing: format csv needs the names of the columns',
        hint: 'for example columns: { from: name, time: date, text: message }; without `format` and `columns`, the run names the columns that are there',
      },
    ];
  if (columns !== undefined && !['auto', 'csv', 'jsonl'].includes(format))
    return [{ path: 'columns', message: `columns are only for format csv and jsonl, not for ${format}` }];
  if (end !== undefined && !['auto', 'text'].includes(format))
    return [{ path: 'documentEnd', message: `documentEnd is only for format text, not for ${format}` }];
  return [];
}
