import type { Conversation } from '../artifacts/conversations.ts';
import type { Source, Unit } from './source.ts';
import type { Tally } from './tally.ts';
import type { TreeFile } from './archive/tree-file.ts';

/** A source that reads its units one after the other. `units` records files that could not be listed in the tally. */
export function sourceOfUnits(source: Omit<Source, 'read' | 'units'> & Required<Pick<Source, 'units'>>): Source {
  return {
    ...source,
    async *read(tally) {
      for (const unit of await source.units(tally)) yield* unit.read(unit.files, tally);
    },
  };
}

/** A source in which each file is a unit. */
export function sourceOfFiles(
  source: Omit<Source, 'read' | 'units' | 'files'> & { files: TreeFile[] },
  list: (tally: Tally) => void,
  readFile: (file: TreeFile, tally: Tally) => AsyncGenerator<Conversation>,
): Source {
  return sourceOfUnits({
    ...source,
    async units(tally) {
      list(tally);
      return source.files.map((file): Unit => ({
        files: [file],
        read: ([only], unitTally) => readFile(only!, unitTally),
      }));
    },
  });
}
