import { endianness } from 'node:os';
import type { ConversationsBlock } from '../../src/artifacts/conversations.ts';
import { sha256 } from '../../src/artifacts/parts/pack.ts';
import { partName, type Parts } from '../../src/artifacts/parts/parts.ts';
import type { EncodedBlock, Rendering } from './encode-block.ts';
import { LAYOUT, parseBlock, serializeBlock } from './encoded-block-bytes.ts';

export interface BlockParts {
  parts: Parts;
  /** the stage kind, its version and its vocabulary: with the rendering, they determine how a block is encoded */
  about: unknown;
}

export interface BlockResult {
  block: EncodedBlock;
  /** whether it came from the cache */
  cached: boolean;
}

/** Wraps `encode` in a cache: a block that was already encoded with the same rendering is not encoded again. */
export function withParts(
  { parts, about }: BlockParts,
  rendering: Rendering,
  encode: (block: ConversationsBlock) => Promise<EncodedBlock>,
): (block: ConversationsBlock) => Promise<BlockResult> {
  return async (block) => {
    const name = partName([LAYOUT, about, endianness(), partIdentity(rendering, block), sha256(block.bytes)]);
    const found = parts.find(name);
    if (found) return { block: parseBlock(found), cached: true };
    const encoded = await encode(block);
    parts.keep(name, serializeBlock(encoded));
    return { block: encoded, cached: false };
  };
}

/**
 * Everything that determines how a block is encoded; of a list of splits, only the block's own range. It becomes part
 * of the name of the block's part.
 */
function partIdentity({ rule, ...rendering }: Rendering, { firstLine, lines }: ConversationsBlock): unknown {
  return {
    ...rendering,
    rule:
      rule.kind === 'listed'
        ? { kind: 'listed', sides: [...rule.splits.subarray(firstLine - 1, firstLine - 1 + lines)] }
        : rule,
  };
}
