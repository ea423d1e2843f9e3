import { join } from 'node:path';
import { CHECKPOINT_FILES } from '../checkpoint/checkpoint-files.ts';
import type { PublishedName } from './published-names.ts';

export interface PublishedShape {
  layers: number;
  heads: number;
  width: number;
}

export interface PublishedWeights {
  name: PublishedName;
  oldName: PublishedName;
  model: PublishedShape;
  /** The file that `setup weights` downloads; null for a size whose hash is not known here. */
  download: { path: string; bytes: number; sha256: string } | null;
}

/** Finds weights by either name. */
export function publishedWeights(name: PublishedName): PublishedWeights {
  return ALL.find((weights) => weights.name === name || weights.oldName === name)!;
}

/** The folder of a size below the folder for all published weights. */
export function publishedDir(weightsDir: string, name: PublishedName): string {
  return join(weightsDir, `gpt2-${publishedWeights(name).name}`);
}

/** The number of heads, which the tensors do not show, for a published shape. */
export function publishedHeads({ layers, width }: Pick<PublishedShape, 'layers' | 'width'>): number | undefined {
  return ALL.find(({ model }) => model.layers === layers && model.width === width)?.model.heads;
}

// ---------------------------------------------------------------------------------------------------------------------

const shape = (layers: number, heads: number, width: number): PublishedShape => ({ layers, heads, width });

/** Paths on a Hugging Face server, at a fixed revision if one is known; the hash is checked in any case. */
const ALL: PublishedWeights[] = [
  {
    name: '124M',
    oldName: '117M',
    model: shape(12, 12, 768),
    download: {
      path: `openai-community/gpt2/resolve/607a30d783dfa663caf39e06633721c8d4cfcd7e/${CHECKPOINT_FILES.weights}`,
      bytes: 548_105_171,
      sha256: '248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707',
    },
  },
  {
    name: '355M',
    oldName: '345M',
    model: shape(24, 16, 1024),
    download: {
      path: `openai-community/gpt2-medium/resolve/main/${CHECKPOINT_FILES.weights}`,
      bytes: 1_519_984_962,
      sha256: 'fc5a354a19255ad494f3d71549390baca1ccf61d1d822b9408971705c687c9cd',
    },
  },
  { name: '774M', oldName: '762M', model: shape(36, 20, 1280), download: null },
  { name: '1558M', oldName: '1542M', model: shape(48, 25, 1600), download: null },
];
