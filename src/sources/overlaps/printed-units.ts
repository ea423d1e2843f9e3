import { atLevels, MESSAGE_FIELDS, type Fingerprints } from './fingerprints.ts';

/** The fingerprints of a unit, and the exports that it was read from. An export has every chat only once. */
export interface PrintedUnit {
  prints: Fingerprints;
  exports: readonly string[];
}

/** Collects the fingerprints of all units in bounded memory: with many messages, it samples fewer of them. */
export interface PrintedUnits {
  add(prints: Fingerprints, exports?: readonly string[]): void;
  levels(): Pick<Fingerprints, 'level' | 'textLevel'>;
  /** In order, all with the same levels. */
  all(): PrintedUnit[];
}

export function printedUnits(mostMessages = 1 << 17, mostTexts = 1 << 15): PrintedUnits {
  let units: PrintedUnit[] = [];
  let levels = { level: 0, textLevel: 0 };
  let [messages, texts] = [0, 0];
  const count = (): void => {
    messages = units.reduce((sum, { prints }) => sum + prints.messages.length / MESSAGE_FIELDS, 0);
    texts = units.reduce((sum, { prints }) => sum + prints.texts.length, 0);
  };
  const thinTo = (next: typeof levels): void => {
    levels = next;
    units = units.map(({ prints, exports }) => ({ prints: atLevels(prints, levels), exports }));
    count();
  };
  return {
    add(prints, exports = []) {
      const own = atLevels(prints, levels);
      units.push({ prints: own, exports });
      messages += own.messages.length / MESSAGE_FIELDS;
      texts += own.texts.length;
      if (own.level > levels.level || own.textLevel > levels.textLevel)
        thinTo({ level: own.level, textLevel: own.textLevel });
      while (messages > mostMessages) thinTo({ ...levels, level: levels.level + 1 });
      while (texts > mostTexts) thinTo({ ...levels, textLevel: levels.textLevel + 1 });
    },
    levels: () => levels,
    all: () => units,
  };
}
