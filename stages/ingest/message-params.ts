import { Type, type TUnsafe } from '@sinclair/typebox';
import { closedObject } from '../../src/pipeline/define-contract.ts';
import { isTimeZone } from '../../src/sources/time/local-time.ts';
import { SECTIONS } from '../../src/sources/messenger/layout.ts';

/**
 * What happens to messages that are not plain text, and how dates without a time zone are read. The types are in
 * src/sources/source-options.ts.
 */
export const messageParams = {
  timeZone: Type.String({
    minLength: 1,
    default: 'UTC',
    description:
      'time zone of dates that state none (HTML exports, exports from a phone, tables), by its IANA name, such as Europe/Sofia',
  }),
  messages: closedObject(
    {
      sections: Type.Array(Type.Union(SECTIONS.map((section) => Type.Literal(section))), {
        default: [...SECTIONS],
        minItems: 1,
        uniqueItems: true,
        description: 'which folders of a Messenger or Instagram export to read',
      }),
      unsent: choice(['drop', 'keep'], 'messages that their sender has unsent, if the export still has the text'),
      calls: choice(['drop', 'placeholder'], 'calls; placeholder: a message [call]'),
      stickers: choice(['drop', 'placeholder'], 'stickers; placeholder: a message [sticker]'),
      media: choice(
        ['drop', 'placeholder'],
        'photos, videos, GIFs, audio and files without a caption; placeholder: a message [photo], [video], …',
      ),
      captions: choice(['keep', 'drop'], 'captions of photos, videos, …'),
      shares: choice(
        ['drop', 'link', 'text'],
        'what to keep of a shared page: nothing, its link, or its link and the text of its preview; what the sender wrote about it is always kept',
      ),
      forwarded: choice(['keep', 'drop'], 'forwarded messages, written by somebody else'),
      reactions: choice(
        ['drop', 'message'],
        'message: a reaction becomes a message [reacted ❤] from the person who reacted',
      ),
      system: choice(
        ['drop', 'keep'],
        'messages that the app writes on behalf of a person, such as "named the group" or "left the group"',
      ),
      systemLines: Type.Array(Type.String({ minLength: 1 }), {
        default: [],
        description:
          'regular expressions; a message that matches one as a whole is a system message too. For accounts in languages other than English',
      }),
    },
    { default: {}, description: 'what happens to messages that are not plain text' },
  ),
};

/** Rules that a schema cannot express. */
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
          message: `unknown time zone "${timeZone}"; use a name such as Europe/Sofia or America/New_York`,
        },
      ];
  const lines = messages.systemLines.flatMap((line, index) =>
    isPattern(line) ? [] : [{ path: `messages.systemLines.${index}`, message: 'not a valid regular expression' }],
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
