import type { Conversation } from '../artifacts/conversations.ts';
import type { Source, Unit } from './source.ts';
import type { Tally } from './tally.ts';

/**
 * Several sources as one. Their names are not part of the result, so places and ids begin with `sources.0/`,
 * `sources.1/`. Every unit names its source, so that the first source's unit is never taken for that of another.
 */
export function severalSources(sources: Source[], abouts: unknown[]): Source {
  return {
    files: sources.flatMap(({ files }) => files),
    looksFor: sources.map(({ looksFor }) => looksFor).join('; '),
    repairsMojibake: sources.some(({ repairsMojibake }) => repairsMojibake),
    async *read(tally) {
      for (const unit of await this.units!(tally)) yield* unit.read(unit.files, tally);
    },
    async units(tally) {
      const units: Unit[] = [];
      for (const [number, source] of sources.entries()) {
        const places = newPlaces(tally);
        for (const unit of await source.units!(tally)) units.push(unitOf(unit, number, abouts[number]));
        places.prefix(prefixOf(number));
      }
      return units;
    },
  };
}

/** The number of the source that a place or an id is in, and the rest; null for those of a single source. */
export function withinSource(place: string): { number: number; rest: string } | null {
  const match = /^sources\.(\d+)(?:[/:]|(?=#)|$)(.*)$/s.exec(place);
  return match && { number: Number(match[1]), rest: match[2]! };
}

// ---------------------------------------------------------------------------

const prefixOf = (number: number): string => `sources.${number}`;

/** A line of a file follows a colon: `12` becomes `sources.0:12`. */
function prefixed(prefix: string, place: string): string {
  if (place === '' || place.startsWith('#')) return `${prefix}${place}`;
  return `${prefix}${/^\d+$/.test(place) ? ':' : '/'}${place}`;
}

function unitOf(unit: Unit, number: number, about: unknown): Unit {
  return {
    files: unit.files,
    source: number,
    ...(unit.exports ? { exports: unit.exports.map((name) => `${prefixOf(number)}/${name}`) } : {}),
    about: [number, about, unit.about ?? null],
    async *read(files, tally): AsyncGenerator<Conversation> {
      const places = newPlaces(tally);
      for await (const { id, messages } of unit.read(files, tally)) yield { id: `${prefixOf(number)}/${id}`, messages };
      places.prefix(prefixOf(number));
    },
  };
}

/** Remembers which places the tally has, to prefix those that come later. */
function newPlaces(tally: Tally): { prefix(prefix: string): void } {
  const skipped = tally.skipped.first.length;
  const noticed = new Set(tally.noticed.keys());
  const future = tally.future.messages;
  return {
    prefix(prefix) {
      for (const entry of tally.skipped.first.slice(skipped)) entry.place = prefixed(prefix, entry.place);
      for (const [what, finding] of tally.noticed)
        if (!noticed.has(what)) finding.first = prefixed(prefix, finding.first);
      if (future === 0 && tally.future.messages > 0) tally.future.first = prefixed(prefix, tally.future.first);
    },
  };
}
