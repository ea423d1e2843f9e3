import { Type, type Static } from '@sinclair/typebox';
import { closedObject } from '../../src/pipeline/define-contract.ts';

const names = (description: string) => Type.Array(Type.String({ minLength: 1 }), { default: [], description });
const day = (description: string) => Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description }));
const REDACTED = ['emails', 'phones', 'queries', 'numbers'] as const;

/** Which messages and conversations are wanted, and under which names: all of it happens before anything is written. */
export const shapeParams = {
  keep: closedObject(
    {
      people: names('only what these people say; empty: everybody'),
      notPeople: names('what these people say is dropped'),
      onlyAmong: names('only threads in which nobody else says a word: third parties stay out whole'),
      threads: names('only threads whose id matches one of these, e.g. inbox/ann*'),
      notThreads: names('threads to leave out, by the same patterns'),
      groups: Type.Boolean({ default: true, description: 'threads in which three or more people write' }),
      from: day('the first day, in UTC'),
      until: day('the last day, in UTC; messages without a time are dropped if either is given'),
      scripts: names('Latin, Cyrillic, Greek …: messages most of whose letters are of another script are dropped'),
      minChars: Type.Integer({ minimum: 0, default: 0, description: 'shorter messages are dropped' }),
      maxChars: Type.Integer({ minimum: 0, default: 0, description: 'longer messages are dropped; 0: no limit' }),
      links: Type.Union([Type.Literal('keep'), Type.Literal('placeholder'), Type.Literal('drop')], {
        default: 'keep',
        description: 'placeholder: [link] instead; drop: cut out, and messages that are nothing else dropped',
      }),
      minMessages: Type.Integer({
        minimum: 1,
        default: 1,
        description: 'conversations with fewer messages are dropped',
      }),
      minPeople: Type.Integer({
        minimum: 0,
        default: 0,
        description: 'conversations in which fewer people say something are dropped: 2 leaves monologues out',
      }),
    },
    { default: {}, description: 'what is wanted' },
  ),
  names: closedObject(
    {
      owner: Type.Optional(
        Type.String({
          minLength: 1,
          description: 'whose chats these are; left out: found, who writes in most threads',
        }),
      ),
      aliases: Type.Record(Type.String(), Type.String({ minLength: 1 }), {
        default: {},
        description:
          'name in the source: name from here on; one person under two names becomes one, and aliases come before every other rule',
      }),
      tellApart: Type.Array(Type.String({ minLength: 1 }), {
        default: ['Facebook user', 'Instagram user'],
        description:
          'names that many people bear, such as that of deleted accounts: each gets the number of its thread, so that a thousand strangers are not one person. In any case of letters',
      }),
      replace: Type.Union([Type.Literal('no'), Type.Literal('numbers')], {
        default: 'no',
        description:
          'numbers: everybody becomes Person 1, Person 2 … in the order in which they appear, also where others write a full name',
      }),
    },
    { default: {}, description: 'who is who' },
  ),
  redact: Type.Array(Type.Union(REDACTED.map((what) => Type.Literal(what))), {
    default: [],
    uniqueItems: true,
    description:
      'emails become [email], phones [phone], other numbers of six digits and more [number]; queries: what follows ? or # in a link is cut off',
  }),
  newlines: Type.Union([Type.Literal('space'), Type.Literal('slash'), Type.Literal('split')], {
    default: 'space',
    description:
      'breaks inside a message, as each is one line of the training text. space: one blank a run of them; slash: « / », which a model learns to write; split: a message for each line',
  }),
  mergeWithinSeconds: Type.Number({
    minimum: 0,
    default: 0,
    description: 'messages that one person sends one after the other within this time become one; 0: never',
  }),
};

const Shape = Type.Object(shapeParams);
export type Shape = Static<typeof Shape>;
export type Redacted = (typeof REDACTED)[number];

/** Rules that a schema cannot say. */
export function checkShapeParams({ keep }: Pick<Shape, 'keep'>): { path: string; message: string }[] {
  const faults = keep.scripts.flatMap((script, i) =>
    isScript(script)
      ? []
      : [
          {
            path: `keep.scripts.${i}`,
            message: `no script is named "${script}"; it is a Unicode name such as Latin, Cyrillic or Han`,
          },
        ],
  );
  for (const end of ['from', 'until'] as const) {
    if (keep[end] !== undefined && !isDay(keep[end]))
      faults.push({ path: `keep.${end}`, message: `${keep[end]} is no day of the calendar` });
  }
  if (keep.from !== undefined && keep.until !== undefined && keep.from > keep.until)
    faults.push({ path: 'keep.until', message: 'it is before keep.from' });
  if (keep.maxChars > 0 && keep.maxChars < keep.minChars)
    faults.push({ path: 'keep.maxChars', message: 'it is below keep.minChars' });
  return faults;
}

/**
 * Whether somebody or something is to stay out or unknown: then nothing of the reading is kept but its result, for
 * accounts of it hold names and strings as they were.
 */
export function hidesAnything({ keep, names, redact }: Shape): boolean {
  const { people, notPeople, onlyAmong, threads, notThreads, groups } = keep;
  return (
    names.replace !== 'no' ||
    !groups ||
    [people, notPeople, onlyAmong, threads, notThreads, redact].some(({ length }) => length > 0)
  );
}

/** 2020-02-31 is read as a day of March: only what comes back the same is a day. */
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
