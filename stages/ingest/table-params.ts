import { Type } from '@sinclair/typebox';
import { closedObject } from '../../src/pipeline/define-contract.ts';

const name = (description: string) => Type.String({ minLength: 1, description });

/** Params for tables and large corpora. The types are in src/sources/source-options.ts. */
export const tableParams = {
  columns: Type.Optional(
    closedObject(
      {
        text: name('column or key with the text of a message'),
        from: Type.Optional(name('column or key with the sender; without it, messages have no sender')),
        time: Type.Optional(
          name(
            'column or key with the time: a date and time of day, or seconds, milliseconds, microseconds or nanoseconds since 1970',
          ),
        ),
        conversation: Type.Optional(
          name('column or key whose value tells conversations apart; without it, each file is one conversation'),
        ),
      },
      {
        description: 'names of the columns (format csv) or keys (format jsonl with one message per line)',
      },
    ),
  ),
  ubuntu: closedObject(
    {
      minTurns: Type.Integer({
        minimum: 1,
        default: 1,
        description: 'drop shorter dialogues; a turn is everything one person says until another speaks',
      }),
      maxTurns: Type.Integer({ minimum: 0, default: 0, description: 'drop longer dialogues; 0: no limit' }),
      speakers: Type.Integer({
        minimum: 0,
        default: 0,
        description: 'drop dialogues that do not have exactly this many speakers; 0: any number',
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
        description: 'nicknames of bots; their lines are dropped before anything else. Case does not matter',
      }),
      duplicates: Type.Unsafe<'drop' | 'keep'>(
        Type.Union([Type.Literal('drop'), Type.Literal('keep')], {
          default: 'drop',
          description: 'dialogues that occurred before, in the same file or another',
        }),
      ),
    },
    { default: {}, description: 'for format ubuntu: which dialogues to keep' },
  ),
  sample: Type.Optional(
    closedObject(
      {
        conversations: Type.Optional(Type.Integer({ minimum: 1, description: 'how many to keep' })),
        bytes: Type.Optional(
          Type.Integer({ minimum: 1, description: 'keep as many as fit into this many bytes of names and texts' }),
        ),
        seed: Type.Integer({ minimum: 0, default: 0, description: 'another seed chooses other conversations' }),
      },
      {
        description:
          'keep a random sample of the conversations, which does not depend on the order of the files; the source is read twice',
      },
    ),
  ),
};

/** Rules that a schema cannot express. */
export function checkTableParams({
  sample,
}: {
  sample?: { conversations?: number; bytes?: number };
}): { path: string; message: string }[] {
  return sample && (sample.conversations === undefined) === (sample.bytes === undefined)
    ? [{ path: 'sample', message: 'give either conversations or bytes' }]
    : [];
}
