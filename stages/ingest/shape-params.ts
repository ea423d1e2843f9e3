import { Type, type Static } from '@sinclair/typebox';
import { closedObject } from '../../src/pipeline/define-contract.ts';

const names = (description: string) => Type.Array(Type.String({ minLength: 1 }), { default: [], description });
const day = (description: string) => Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description }));
const REDACTED = ['emails', 'phones', 'queries', 'numbers'] as const;

/** Which messages and conversations to keep, and under which names. All of it is applied before anything is written. */
export const shapeParams = {
  keep: closedObject(
    {
      people: names('keep only messages from these people; empty: everybody'),
      notPeople: names('drop messages from these people'),
      onlyAmong: names('keep only threads in which nobody but these people writes, so that no third party appears'),
      threads: names('keep only threads whose id matches one of these patterns, e.g. inbox/ann*'),
      notThreads: names('drop threads whose id matches one of these patterns'),
      groups: Type.Boolean({ default: true, description: 'keep threads in which three or more people write' }),
      from: day('first day to keep, in UTC'),
      until: day('last day to keep, in UTC; with `from` or `until`, messages without a time are dropped'),
      scripts: names('Latin, Cyrillic, Greek, …: drop messages in which most letters belong to any other script'),
      minChars: Type.Integer({ minimum: 0, default: 0, description: 'drop shorter messages' }),
      maxChars: Type.Integer({ minimum: 0, default: 0, description: 'drop longer messages; 0: no limit' }),
      links: Type.Union([Type.Literal('keep'), Type.Literal('placeholder'), Type.Literal('drop')], {
        default: 'keep',
        description:
          'placeholder: replace links by [link]; drop: remove links, and messages that consist only of links',
      }),
      minMessages: Type.Integer({
        minimum: 1,
        default: 1,
        description: 'drop conversations with fewer messages',
      }),
      minPeople: Type.Integer({
        minimum: 0,
        default: 0,
        description: 'drop conversations in which fewer people write; 2 drops monologues',
      }),
    },
    { default: {}, description: 'which messages and conversations to keep' },
  ),
  names: closedObject(
    {
      owner: Type.Optional(
        Type.String({
          minLength: 1,
          description:
            'whose chats these are; default: the alias of "Me", or the person who clearly writes in the most threads',
        }),
      ),
      aliases: Type.Record(Type.String(), Type.String({ minLength: 1 }), {
        default: {},
        description:
          'NAME IN THE SOURCE: NEW NAME. Two names with the same new name become one person. Aliases are applied before every other rule',
      }),
      tellApart: Type.Array(Type.String({ minLength: 1 }), {
        default: ['Facebook user', 'Instagram user'],
        description:
          'names shared by many people, such as the name of deleted accounts. The number of the thread is added to them, so that a thousand strangers do not become one person. Case does not matter',
      }),
      replace: Type.Union([Type.Literal('no'), Type.Literal('numbers')], {
        default: 'no',
        description:
          'numbers: people become Person 1, Person 2, … in order of appearance, also where a message mentions a full name',
      }),
    },
    { default: {}, description: 'the names of people' },
  ),
  redact: Type.Array(Type.Union(REDACTED.map((what) => Type.Literal(what))), {
    default: [],
    uniqueItems: true,
    description:
      'emails: replaced by [email]; phones: by [phone]; numbers: other numbers with six or more digits, by [number]; queries: links are cut off at ? or #',
  }),
  newlines: Type.Union([Type.Literal('space'), Type.Literal('slash'), Type.Literal('split')], {
    default: 'space',
    description:
      'line breaks inside a message; a message must be one line of the training text. space: each run of breaks becomes a space; slash: " / ", which a model learns to write; split: each line becomes a message',
  }),
  mergeWithinSeconds: Type.Number({
    minimum: 0,
    default: 0,
    description: 'merge consecutive messages from one person sent within this many seconds; 0: never',
  }),
};

const Shape = Type.Object(shapeParams);
export type Shape = Static<typeof Shape>;
export type Redacted = (typeof REDACTED)[number];

/** Rules that a schema cannot express. */
export function checkShapeParams({ keep }: Pick<Shape, 'keep'>): { path: string; message: string }[] {
  const faults = keep.scripts.flatMap((script, i) =>
    isScript(script)
      ? []
      : [
          {
            path: `keep.scripts.${i}`,
            message: `unknown script "${script}"; use a Unicode name such as Latin, Cyrillic or Han`,
          },
        ],
  );
  for (const limit of ['from', 'until'] as const) {
    if (keep[limit] !== undefined && !isDay(keep[limit]))
      faults.push({ path: `keep.${limit}`, message: `there is no ${keep[limit]} in the calendar` });
  }
  if (keep.from !== undefined && keep.until !== undefined && keep.from > keep.until)
    faults.push({ path: 'keep.until', message: 'this is before keep.from' });
  if (keep.maxChars > 0 && keep.maxChars < keep.minChars)
    faults.push({ path: 'keep.maxChars', message: 'this is below keep.minChars' });
  return faults;
}

/**
 * Whether the params hide people, threads or strings. If so, only the final result may be stored: intermediate results
 * contain the original names and texts.
 */
export function hidesAnything({ keep, names, redact }: Shape): boolean {
  const { people, notPeople, onlyAmong, threads, notThreads, groups } = keep;
  return (
    names.replace !== 'no' ||
    !groups ||
    [people, notPeople, onlyAmong, threads, notThreads, redact].some(({ length }) => length > 0)
  );
}

/** Date.parse reads 2020-02-31 as a day in March, so a valid day must also survive the way back. */
function isDay(day: string): boolean {
  const time = Date.parse(day);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

function isScript(name: string): boolean {
  try {
    new RegExp(`\\p{Script=${name}}`, 'u');
    return true;
  } catch {
    return false;
  }
}
