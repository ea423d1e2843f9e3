import type { Json, Translation } from '../../../src/pipeline/stage-kind.ts';

type Mapping = { [key: string]: Json };

/** What others call the numbers of a model's shape; lower case, without `_` and `-`. */
export const modelWords: Record<string, 'layers' | 'heads' | 'width' | 'context'> = {
  nlayer: 'layers',
  nlayers: 'layers',
  numlayers: 'layers',
  numhiddenlayers: 'layers',
  nhead: 'heads',
  nheads: 'heads',
  numheads: 'heads',
  numattentionheads: 'heads',
  nembd: 'width',
  dmodel: 'width',
  hiddensize: 'width',
  embeddim: 'width',
  blocksize: 'context',
  contextlength: 'context',
  contextsize: 'context',
  nctx: 'context',
  npositions: 'context',
  seqlen: 'context',
  seqlength: 'context',
  sequencelen: 'context',
  sequencelength: 'context',
  maxseqlen: 'context',
  maxseqlength: 'context',
  maxlength: 'context',
};

/** A word inside `model`. */
export function modelWord(word: string, value: Json): Translation | null {
  const key = modelWords[word];
  return key === undefined || typeof value !== 'number' ? null : { write: { [key]: value } };
}

/** The whole shape, with all of these words that stand among the params. */
export function modelValue(params: Mapping): Translation {
  const { model } = params;
  const given = typeof model === 'object' && model !== null && !Array.isArray(model) ? model : {};
  const words = Object.entries(params).flatMap(([key, value]) => {
    const word = modelWords[key.toLowerCase().replace(/[_-]/g, '')];
    return word !== undefined && typeof value === 'number' ? [[word, value] as const] : [];
  });
  const shape = { layers: 6, heads: 6, width: 384, context: 256, ...given, ...Object.fromEntries(words) };
  const isGiven = words.some(([word]) => word === 'width');
  return { write: { model: isGiven ? shape : { ...shape, width: fittingWidth(shape) } } };
}

/** The heads must divide the width; heads of size 64 are usual. */
function fittingWidth({ heads, width }: { heads: Json; width: Json }): Json {
  return Number(width) % Number(heads) === 0 ? width : Number(heads) * 64;
}
