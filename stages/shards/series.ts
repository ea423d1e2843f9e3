import { defaultTokenizer } from '../../src/tokenizer/identity.ts';
import type { SplitName } from '../../src/artifacts/tokens/index.ts';
import { firstAndLastId, readIds, type ReadOptions } from './read-ids.ts';
import type { ShardFile } from './shard-files.ts';

/** Files that form one stream of ids: `NAME_train_000001.bin`, `NAME_train_000002.bin` … */
export interface Series {
  files: ShardFile[];
  split: SplitName;
  /**
   * Where the separators are: after each document, as nanoGPT's scripts write them, or before it, as llm.c's do. If
   * after, the last one may be missing.
   */
  separator: 'after' | 'before' | 'missing at the end';
}

/** Groups files whose names differ only in their numbers, in the order of the numbers. */
export async function groupIntoSeries(files: ShardFile[]): Promise<Series[]> {
  const groups = new Map<string, ShardFile[]>();
  for (const file of files)
    groups.set(`${file.split} ${file.series}`, [...(groups.get(`${file.split} ${file.series}`) ?? []), file]);
  const all: Series[] = [];
  for (const group of groups.values()) {
    const { first } = await firstAndLastId(group[0]!);
    const { last } = await firstAndLastId(group.at(-1)!);
    all.push({
      files: group,
      split: group[0]!.split,
      separator:
        last === defaultTokenizer.separator
          ? 'after'
          : first === defaultTokenizer.separator
            ? 'before'
            : 'missing at the end',
    });
  }
  return all;
}

/** The ids of a series, chunk by chunk, with a separator after each document. */
export async function* readSeries({ files, separator }: Series, options: ReadOptions): AsyncGenerator<Uint16Array> {
  let started = separator !== 'before'; // else the first id is a separator, which is skipped
  for (const file of files) {
    for await (const ids of readIds(file, options)) {
      yield started ? ids : ids.subarray(1);
      started = true;
    }
  }
  if (separator !== 'after') yield Uint16Array.of(defaultTokenizer.separator);
}
