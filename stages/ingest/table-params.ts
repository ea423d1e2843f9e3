import { Type } from '@sinclair/typebox';
import { closedObject } from '../../src/pipeline/define-contract.ts';

const name = (description: string) => Type.String({ minLength: 1, description });

/** What tables and large corpora want to be told; src/sources/reading.ts has the types. */
export const tableParams = {
  columns: Type.Optional(
    closedObject(
      {
        text: name('the column, or the key, that holds what was said'),
        from: Type.Optional(name('who said it; left out: nobody')),
        time: Type.Optional(name('when: ISO 8601, or seconds, milliseconds or microseconds since 1970')),
        conversation: Type.Optional(name('rows that agree in it are one conversation; left out: a file is one')),
      },
      {
        description: 'for format csv, and for jsonl with one message a line: by which names a row is read',
      },
    ),
  ),
  ubuntu: closedObject(
    {
      minTurns: Type.Integer({
        minimum: 1,
        default: 1,
        description: 'shorter dialogues are dropped; a turn is all that one says until another does',
      }),
      maxTurns: Type.Integer({ minimum: 0, default: 0, description: 'longer dialogues are dropped; 0: none' }),
      speakers: Type.Integer({
        minimum: 0,
        default: 0,
        description: 'dialogues of other than so many speakers are dropped; 0: none',
      }),
      bots: Type.Array(Type.String({ minLength: 1 }), {
        default: [
          'ubottu',
          'ubotu',
          'ubot2',
          'ubot3',
          'ubot4',
          'ubot5',
          'lubotu1',
          'lubotu2',
          'lubotu3',
          'FloodBot1',
          'FloodBot2',
          'FloodBot3',
          'FloodBot4',
          'FloodBot5',
          'FloodBotK1',
          'FloodBotK2',
          'meetingology',
        ],
        description: 'what these nicks say is dropped first; upper and lower case are the same',
      }),
      duplicates: Type.Unsafe<'drop' | 'keep'>(
        Type.Union([Type.Literal('drop'), Type.Literal('keep')], {
          default: 'drop',
          description: 'dialogues met before, in the same file or another',
        }),
      ),
    },
    { default: {}, description: 'for format ubuntu: which dialogues are kept' },
  ),
  sample: Type.Optional(
    closedObject(
      {
        conversations: Type.Optional(Type.Integer({ minimum: 1, description: 'so many of them' })),
        bytes: Type.Optional(
          Type.Integer({ minimum: 1, description: 'as many as have at most so many bytes of names and texts' }),
        ),
        seed: Type.Integer({ minimum: 0, default: 0, description: 'another seed, another choice' }),
      },
      {
        description:
          'a random part of the conversations, the same whatever the order of the files; the source is read twice for it',
      },
    ),
  ),
};

/** Rules that a schema cannot say. */
export function checkTableParams({
  format,
  columns,
  sample,
}: {
  format: string;
  columns?: object;
  sample?: { conversations?: number; bytes?: number };
}): { path: string; message: string }[] {
  const found: { path: string; message: string }[] = [];
  if (format === 'csv' && columns === undefined)
    found.push({
      path: 'columns',
      message: 'format csv wants to know its columns: columns: { from: name, time: date, text: message }',
    });
  if (columns !== undefined && !['auto', 'csv', 'jsonl'].includes(format))
    found.push({ path: 'columns', message: `columns are for format csv and jsonl; format ${format} knows its own` });
  if (sample && (sample.conversations === undefined) === (sample.bytes === undefined))
    found.push({ path: 'sample', message: 'give either conversations or bytes' });
  return found;
}
