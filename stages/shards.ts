/**
 * shards: files of token ids that other trainers' scripts wrote in, tokens out.
 *
 * Read are nanoGPT's bare 16-bit ids and llm.c's, which have a header. A document ends at each separator; where
 * separators stand before the documents each moves behind its own, and where the last one is missing it is added: else
 * the ids stay as they are. Files that are named for validation or test are that; where none is for validation,
 * documents chosen by a hash of their ids are held out.
 */
import { basename } from 'node:path';
import { openTokensWriter } from '../src/artifacts/tokens/tokens.ts';
import { SPLIT_NAMES, type SplitName, type TokensIndex } from '../src/artifacts/tokens/index.ts';
import { defaultTokenizer } from '../src/tokenizer/identity.ts';
import { openTokenizer } from '../src/tokenizer/open-tokenizer.ts';
import { openReadProgress } from './read-progress.ts';
import type { Context } from './shards/params.ts';
import { newSurvey, router, type HeldOut } from './shards/held-out.ts';
import type { Reading } from './shards/read-ids.ts';
import { idsOf, seriesIn, type Series } from './shards/series.ts';
import { findShardFiles, type ShardFile } from './shards/shard-files.ts';
import { counted, withCommas } from '../src/numbers/counted.ts';

export async function run(context: Context): Promise<void> {
  const { params, sources, emit, signal } = context;
  const files = findShardFiles(params, sources['source']!);
  emit({ kind: 'note', text: filesNote(files) });
  const series = await seriesIn(files);
  emit({ kind: 'note', text: separatorsNote(series) });
  const byHash = params.validation > 0 && !series.some(({ split }) => split === 'validation');
  const progress = openReadProgress(totalBytes(series) + (byHash ? totalBytes(series.filter(isTrain)) : 0), emit);
  const reading: Reading = { signal, onBytes: progress.add };
  const heldOut: HeldOut = byHash ? await survey(series, params, reading) : { kind: 'none' };
  const { splits } = await write(series, heldOut, reading, context);
  progress.close();
  if (heldOut.kind === 'tail')
    emit({ kind: 'note', text: 'there is one document, or all are alike: the end of it is held out' });
  emit({ kind: 'note', text: totals(splits) });
  if (params.validation > 0 && splits.validation.tokens === 0)
    emit({ kind: 'warning', text: 'nothing is held out: there is too little text' });
}

async function survey(series: Series[], { seed, validation }: Context['params'], reading: Reading): Promise<HeldOut> {
  const { add, heldOut } = newSurvey(seed);
  for (const each of series.filter(isTrain)) for await (const ids of idsOf(each, reading)) add(ids);
  return heldOut(validation);
}

async function write(series: Series[], heldOut: HeldOut, reading: Reading, { outDir }: Context): Promise<TokensIndex> {
  const { name, vocabulary, vocabularySize, separator } = defaultTokenizer;
  const about = {
    tokenizer: { name, vocabulary },
    vocabularySize,
    separator,
    ending: 'separator',
    template: '',
  } as const;
  const { byteLengths } = openTokenizer(defaultTokenizer);
  const writer = openTokensWriter(outDir, about);
  const append = (split: SplitName, ids: Uint16Array): void =>
    writer.appendStream(split, ids, textBytes(ids, byteLengths));
  const route = router(heldOut, append);
  try {
    for (const each of series) {
      const take = isTrain(each) ? route : (ids: Uint16Array) => append(each.split, ids);
      for await (const ids of idsOf(each, reading)) take(ids);
    }
  } catch (error) {
    writer.abandon();
    throw error;
  }
  return writer.close();
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

// --- telling -----------------------------------------------------------------------------------------------

const LAYOUT_NAMES = { nanogpt: "nanoGPT's layout", llmc: "llm.c's layout" };

function filesNote(files: ShardFile[]): string {
  const layouts = [...new Set(files.map(({ layout }) => layout))];
  const said = layouts.map((layout) => {
    const sides = SPLIT_NAMES.flatMap((split) => {
      const group = files.filter((file) => file.layout === layout && file.split === split);
      return group.length === 0
        ? []
        : [`${group.length === 1 ? basename(group[0]!.name) : `${withCommas(group.length)} files`} for ${split}`];
    });
    return `in ${LAYOUT_NAMES[layout]}: ${sides.join(', ')}`;
  });
  return said.join('; ');
}

function separatorsNote(series: Series[]): string {
  const where = (wanted: Series['separator']): string => {
    const names = SPLIT_NAMES.filter((split) =>
      series.some((each) => each.split === split && each.separator === wanted),
    );
    return names.length === 0 ? '' : names.join(' and ');
  };
  const before = where('before');
  const missing = where('missing at the end');
  const said = [
    ...(before ? [`in ${before} separators stand before the documents: each was put behind its own`] : []),
    ...(missing ? [`in ${missing} the last document was not ended: a separator was added`] : []),
  ];
  return said.join('; ') || 'each document ends with its separator';
}

function totals(splits: TokensIndex['splits']): string {
  const all = SPLIT_NAMES.filter((name) => name !== 'test' || splits.test.documents > 0);
  const tokens = all.reduce((sum, name) => sum + splits[name].tokens, 0);
  const bytes = all.reduce((sum, name) => sum + splits[name].bytes, 0);
  const side = (name: SplitName): string =>
    `${withCommas(splits[name].tokens)} tokens in ${counted(splits[name].documents, 'document')} to ${name}`;
  return `${all.map(side).join(', ')}; ${(bytes / tokens).toFixed(2)} bytes a token`;
}
