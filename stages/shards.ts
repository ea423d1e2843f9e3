/**
 * shards: imports files of GPT-2 token ids that other trainers' scripts wrote.
 *
 * Reads nanoGPT's files, which are bare 16-bit ids, and llm.c's, which have a header. A document ends at each
 * separator. Separators that come before their documents are moved after them, and a missing last separator is added;
 * otherwise the ids stay as they are. A file's name decides whether it is for training, validation or test. If none is
 * for validation, a hash of their ids selects the documents to hold out.
 */
import { basename } from 'node:path';
import { openTokensWriter } from '../src/artifacts/tokens/tokens.ts';
import { SPLIT_NAMES, type SplitName, type TokensIndex } from '../src/artifacts/tokens/index.ts';
import { defaultTokenizer } from '../src/tokenizer/identity.ts';
import { openTokenizer } from '../src/tokenizer/open-tokenizer.ts';
import { reportLeaks } from './leak-check.ts';
import { openReadProgress } from './read-progress.ts';
import type { Context } from './shards/params.ts';
import { newSurvey, router, type HeldOut } from './shards/held-out.ts';
import { shardLeaks, type ShardLeaks } from './shards/leaks.ts';
import type { ReadOptions } from './shards/read-ids.ts';
import { groupIntoSeries, readSeries, type Series } from './shards/series.ts';
import { findShardFiles, type ShardFile } from './shards/shard-files.ts';
import { counted, withCommas } from '../src/numbers/counted.ts';

export async function run(context: Context): Promise<void> {
  const { params, sources, emit, signal } = context;
  const files = findShardFiles(params, sources['source']!);
  emit({ kind: 'note', text: filesNote(files) });
  const series = await groupIntoSeries(files);
  emit({ kind: 'note', text: separatorsNote(series) });
  const byHash = params.validation > 0 && !series.some(({ split }) => split === 'validation');
  const progress = openReadProgress(totalBytes(series) + (byHash ? totalBytes(series.filter(isTrain)) : 0), emit);
  const options: ReadOptions = { signal, onBytes: progress.add };
  const heldOut: HeldOut = byHash ? await survey(series, params, options) : { kind: 'none' };
  const { splits, leaks } = await write(series, heldOut, options, context);
  progress.close();
  if (heldOut.kind === 'tail')
    emit({ kind: 'note', text: 'all documents are identical, or there is only one: held out the end of the text' });
  emit({ kind: 'note', text: totals(splits) });
  if (leaks) reportLeaks(leaks, { noun: 'document', leaks: params.leaks, emit });
  if (params.validation > 0 && splits.validation.tokens === 0)
    emit({ kind: 'warning', text: 'nothing is held out: the text is too short' });
}

async function survey(
  series: Series[],
  { seed, validation }: Context['params'],
  options: ReadOptions,
): Promise<HeldOut> {
  const { add, heldOut } = newSurvey(seed);
  for (const one of series.filter(isTrain)) for await (const ids of readSeries(one, options)) add(ids);
  return heldOut(validation);
}

async function write(
  series: Series[],
  heldOut: HeldOut,
  options: ReadOptions,
  { outDir }: Context,
): Promise<{ splits: TokensIndex['splits']; leaks: ReturnType<ShardLeaks['result']> | null }> {
  const { name, vocabulary, vocabularySize, separator } = defaultTokenizer;
  const about = {
    tokenizer: { name, vocabulary },
    vocabularySize,
    separator,
    ending: 'separator',
    template: '',
  } as const;
  const tokenizer = openTokenizer(defaultTokenizer);
  const writer = openTokensWriter(outDir, about);
  const leaks = heldOut.kind !== 'none' || series.some((one) => !isTrain(one)) ? shardLeaks(tokenizer) : null;
  const append = (split: SplitName, ids: Uint16Array): void => {
    leaks?.add(split, ids);
    writer.appendStream(split, ids, textBytes(ids, tokenizer.byteLengths));
  };
  const route = router(heldOut, append);
  try {
    for (const one of series) {
      const take = isTrain(one) ? route : (ids: Uint16Array) => append(one.split, ids);
      for await (const ids of readSeries(one, options)) take(ids);
    }
  } catch (error) {
    writer.abandon();
    throw error;
  }
  return { splits: writer.close().splits, leaks: leaks && leaks.result() };
}

// --- counting ----------------------------------------------------------------------------------------------

const isTrain = ({ split }: { split: SplitName }): boolean => split === 'train';

const totalBytes = (series: Series[]): number =>
  series.reduce((sum, { files }) => sum + files.reduce((inner, { tokens }) => inner + tokens * 2, 0), 0);

function textBytes(ids: Uint16Array, byteLengths: Uint8Array): number {
  let bytes = 0;
  for (let i = 0; i < ids.length; i++) bytes += byteLengths[ids[i]!]!;
  return bytes;
}

// --- notes -------------------------------------------------------------------------------------------------

const LAYOUT_NAMES = { nanogpt: "nanoGPT's layout", llmc: "llm.c's layout" };

function filesNote(files: ShardFile[]): string {
  const layouts = [...new Set(files.map(({ layout }) => layout))];
  const notes = layouts.map((layout) => {
    const groups = SPLIT_NAMES.flatMap((split) => {
      const group = files.filter((file) => file.layout === layout && file.split === split);
      return group.length === 0
        ? []
        : [`${group.length === 1 ? basename(group[0]!.name) : `${withCommas(group.length)} files`} for ${split}`];
    });
    return `in ${LAYOUT_NAMES[layout]}: ${groups.join(', ')}`;
  });
  return notes.join('; ');
}

function separatorsNote(series: Series[]): string {
  const splitsWith = (separator: Series['separator']): string => {
    const names = SPLIT_NAMES.filter((split) =>
      series.some((one) => one.split === split && one.separator === separator),
    );
    return names.length === 0 ? '' : names.join(' and ');
  };
  const before = splitsWith('before');
  const missing = splitsWith('missing at the end');
  const notes = [
    ...(before ? [`${before}: separators came before the documents and were moved after them`] : []),
    ...(missing ? [`${missing}: the last document had no separator, so one was added`] : []),
  ];
  return notes.join('; ') || 'each document ends with its separator';
}

function totals(splits: TokensIndex['splits']): string {
  const all = SPLIT_NAMES.filter((name) => name !== 'test' || splits.test.documents > 0);
  const tokens = all.reduce((sum, name) => sum + splits[name].tokens, 0);
  const bytes = all.reduce((sum, name) => sum + splits[name].bytes, 0);
  const sizeOf = (name: SplitName): string =>
    `${withCommas(splits[name].tokens)} tokens in ${counted(splits[name].documents, 'document')} for ${name}`;
  return `${all.map(sizeOf).join(', ')}; ${(bytes / tokens).toFixed(2)} bytes per token`;
}
