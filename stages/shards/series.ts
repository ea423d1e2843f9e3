import { defaultTokenizer } from '../../src/tokenizer/identity.ts';
import type { SplitName } from '../../src/artifacts/tokens/index.ts';
import { endsOf, readIds, type Reading } from './read-ids.ts';
import type { ShardFile } from './shard-files.ts';

/** Files that are one stream of ids: `NAME_train_000001.bin`, `NAME_train_000002.bin` … */
export interface Series {
  files: ShardFile[];
  split: SplitName;
  /**
   * Where the separator stands: behind each document, as nanoGPT's scripts put it, or before it, as llm.c's do. Behind,
   * it may be missing at the end of the last one.
   */
  separator: 'behind' | 'before' | 'missing at the end';
}

/** Files of one name stand together, in the order of their numbers. */
export async function seriesIn(files: ShardFile[]): Promise<Series[]> {
  const alike = new Map<string, ShardFile[]>();
  for (const file of files)
    alike.set(`${file.split} ${file.series}`, [...(alike.get(`${file.split} ${file.series}`) ?? []), file]);
  const all: Series[] = [];
  for (const group of alike.values()) {
    const { first } = await endsOf(group[0]!);
    const { last } = await endsOf(group.at(-1)!);
    all.push({
      files: group,
      split: group[0]!.split,
      separator:
        last === defaultTokenizer.separator
          ? 'behind'
          : first === defaultTokenizer.separator
            ? 'before'
            : 'missing at the end',
    });
  }
  return all;
}

/** Its ids, piece by piece, each document with its separator behind it. */
export async function* idsOf({ files, separator }: Series, reading: Reading): AsyncGenerator<Uint16Array> {
  let begun = separator !== 'before';
  for (const file of files) {
    for await (const ids of readIds(file, reading)) {
      yield begun ? ids : ids.subarray(1);
      begun = true;
    }
  }
  if (separator !== 'behind') yield Uint16Array.of(defaultTokenizer.separator);
}
