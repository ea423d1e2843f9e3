import { Type, type TUnsafe } from '@sinclair/typebox';
import { closedObject } from '../../src/pipeline/define-contract.ts';
import { isTimeZone } from '../../src/sources/time/local-time.ts';
import { SECTIONS } from '../../src/sources/messenger/layout.ts';

/**
 * What becomes of messages that are not plain text, and how dates without a zone are read; src/sources/reading.ts has
 * the types.
 */
export const messageParams = {
  timeZone: Type.String({
    minLength: 1,
    default: 'UTC',
    description:
      'IANA name, such as Europe/Sofia: the zone of dates that come without one (HTML exports, logs of a phone)',
  }),
  messages: closedObject(
    {
      sections: Type.Array(Type.Union(SECTIONS.map((section) => Type.Literal(section))), {
        default: [...SECTIONS],
        minItems: 1,
        uniqueItems: true,
        description: 'folders of a Messenger or Instagram export that are read',
      }),
      unsent: choice(['drop', 'keep'], 'messages taken back by their sender, where the export still has the text'),
      calls: choice(['drop', 'placeholder'], 'calls; placeholder: a message [call]'),
      stickers: choice(['drop', 'placeholder'], 'stickers; placeholder: a message [sticker]'),
      media: choice(
        ['drop', 'placeholder'],
        'photos, videos, GIFs, sound and files without words; placeholder: a message [photo], [video], …',
      ),
      captions: choice(['keep', 'drop'], 'the words beside a photo, video, …'),
      shares: choice(
        ['drop', 'link', 'text'],
        'of a shared page: nothing, its link, or its link and the words shown with it; what the person wrote beside it always stays',
      ),
      forwarded: choice(['keep', 'drop'], 'what a person passed on, in the words of somebody else'),
      reactions: choice(
        ['drop', 'message'],
        'message: a reaction becomes a message [reacted ❤] of the one who reacted',
      ),
      system: choice(
        ['drop', 'keep'],
        'what the app says in the name of a person, such as who named the group or left',
      ),
      systemLines: Type.Array(Type.String({ minLength: 1 }), {
        default: [],
        description:
          'regular expressions of whole lines that are system lines too: for accounts in other languages than English',
      }),
    },
    { default: {}, description: 'what becomes of messages that are not plain text' },
  ),
};

/** Rules that a schema cannot say. */
export function checkMessageParams({
  timeZone,
  messages,
}: {
  timeZone: string;
  messages: { systemLines: string[] };
}): { path: string; message: string }[] {
  const zone = isTimeZone(timeZone)
    ? []
    : [
        {
          path: 'timeZone',
          message: `no time zone is named "${timeZone}"; it is a name such as Europe/Sofia or America/New_York`,
        },
      ];
  const lines = messages.systemLines.flatMap((line, index) =>
    isPattern(line) ? [] : [{ path: `messages.systemLines.${index}`, message: 'this is no regular expression' }],
  );
  return [...zone, ...lines];
}

function choice<const Choices extends readonly [string, ...string[]]>(
  choices: Choices,
  description: string,
): TUnsafe<Choices[number]> {
  return Type.Unsafe<Choices[number]>(
    Type.Union(
      choices.map((value) => Type.Literal(value)),
      { default: choices[0], description },
    ),
  );
}

function isPattern(line: string): boolean {
  try {
    new RegExp(`^(?:${line})$`, 'u');
    return true;
  } catch {
    return false;
  }
}
