import { parseArgs } from 'node:util';
import { suggestion } from '../pipeline/diagnostic/nearest.ts';
import { parseAge, parseBytes } from '../store/sizes.ts';
import { UsageError } from './verb.ts';

/** How the text behind a flag is read; `switch` takes none. */
type FlagKind = 'switch' | 'count' | 'age' | 'bytes';
type Flags = Record<string, FlagKind>;
/** Switches are true or false, all else is a number or null: milliseconds, bytes. */
type Read<F extends Flags> = { [Name in keyof F]: F[Name] extends 'switch' ? boolean : number | null };

/** Reads the flags of a verb that takes nothing else; one that it does not have is an error with the nearest name. */
export function readFlags<F extends Flags>(verb: string, argv: string[], flags: F): Read<F> {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, kind]) => [
      name,
      { type: kind === 'switch' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const { tokens } = parseArgs({ args: argv, strict: false, tokens: true, allowPositionals: true, options });
  const read = Object.fromEntries(
    Object.entries(flags).map(([name, kind]) => [name, kind === 'switch' ? false : null]),
  ) as Record<string, boolean | number | null>;
  for (const token of tokens) {
    if (token.kind === 'positional') throw new UsageError(`"${verb}" does not know what to do with "${token.value}"`);
    if (token.kind !== 'option') continue;
    const kind = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
    if (kind === undefined)
      throw new UsageError(
        `"${verb}" has no flag ${token.rawName}; ${suggestion(token.name, Object.keys(flags), 'flags')}`,
      );
    read[token.name] = kind === 'switch' ? true : valueOf(token.rawName, kind, token.value);
  }
  return read as Read<F>;
}

// ---------------------------------------------------------------------------

const FORMS: Record<Exclude<FlagKind, 'switch'>, string> = {
  count: '3',
  age: '30d (or 12h, 2w)',
  bytes: '50GB (or 500MB, 1.5TB)',
};

function valueOf(flag: string, kind: Exclude<FlagKind, 'switch'>, text: string | undefined): number {
  const value =
    kind === 'age'
      ? parseAge(text ?? '')
      : kind === 'bytes'
        ? parseBytes(text ?? '')
        : /^\d+$/.test(text ?? '')
          ? Number(text)
          : null;
  if (value === null)
    throw new UsageError(`${flag} takes a value like ${FORMS[kind]}${text === undefined ? '' : `, not "${text}"`}`);
  return value;
}
