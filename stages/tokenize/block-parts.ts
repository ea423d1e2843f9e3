import { endianness } from 'node:os';
import type { ConversationsBlock } from '../../src/artifacts/conversations.ts';
import { sha256 } from '../../src/artifacts/parts/pack.ts';
import { partName, type Parts } from '../../src/artifacts/parts/parts.ts';
import type { EncodedBlock, Rendering } from './encode-block.ts';
import { LAYOUT, blockOfBytes, bytesOfBlock } from './encoded-block-bytes.ts';

export interface BlockParts {
  parts: Parts;
  /** the kind, its version and its vocabulary: what decides, beside the rendering, what a block becomes */
  about: unknown;
}

export interface EncodedInTurn {
  block: EncodedBlock;
  /** it was encoded before */
  known: boolean;
}

/** Blocks that were encoded before, at the same rendering, are not encoded again. */
export function throughParts(
  { parts, about }: BlockParts,
  rendering: Rendering,
  encode: (block: ConversationsBlock) => Promise<EncodedBlock>,
): (block: ConversationsBlock) => Promise<EncodedInTurn> {
  return async (block) => {
    const name = partName([LAYOUT, about, endianness(), decisive(rendering, block), sha256(block.bytes)]);
    const found = parts.find(name);
    if (found) return { block: blockOfBytes(found), known: true };
    const encoded = await encode(block);
    parts.keep(name, bytesOfBlock(encoded));
    return { block: encoded, known: false };
  };
}

/** What decides how the block is encoded; of a list of splits only this block's. Part of the names of cached parts. */
function decisive({ rule, ...rendering }: Rendering, { firstLine, lines }: ConversationsBlock): unknown {
  return {
    ...rendering,
    rule:
      rule.kind === 'listed'
        ? { kind: 'listed', sides: [...rule.splits.subarray(firstLine - 1, firstLine - 1 + lines)] }
        : rule,
  };
}
