import type { Conversation } from '../artifacts/conversations.ts';
import type { Source, Unit } from './source.ts';
import type { Tally } from './tally.ts';
import type { TreeFile } from './archive/tree-file.ts';

/** A source that is its units, one after the other. `units` tells the tally what could not be listed. */
export function sourceOfUnits(source: Omit<Source, 'read' | 'units'> & Required<Pick<Source, 'units'>>): Source {
  return {
    ...source,
    async *read(tally) {
      for (const unit of await source.units(tally)) yield* unit.read(unit.files, tally);
    },
  };
}

/** A source of which each file is a unit. */
export function sourceOfFiles(
  source: Omit<Source, 'read' | 'units' | 'files'> & { files: TreeFile[] },
  list: (tally: Tally) => void,
  readFile: (file: TreeFile, tally: Tally) => AsyncGenerator<Conversation>,
): Source {
  return sourceOfUnits({
    ...source,
    async units(tally) {
      list(tally);
      return source.files.map((file): Unit => ({ files: [file], read: ([one], own) => readFile(one!, own) }));
    },
  });
}
