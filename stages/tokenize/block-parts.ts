import { endianness } from 'node:os';
import type { ConversationsBlock } from '../../src/artifacts/conversations.ts';
import { partName, sha256, type Parts } from '../../src/artifacts/parts.ts';
import type { EncodedBlock, Rendering } from './encode-block.ts';
import { blockOfBytes, bytesOfBlock } from './encoded-block-bytes.ts';

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

/** Blocks that were encoded before, at the same rendering, are not encoded again. `settled`: what is to be kept is. */
export function throughParts({ parts, about }: BlockParts, rendering: Rendering, encode: (block: ConversationsBlock) => Promise<EncodedBlock>): { encode(block: ConversationsBlock): Promise<EncodedInTurn>; settled(): Promise<void> } {
  let keeping = Promise.resolve(); // one behind what is encoded, so that neither waits
  return {
    async encode(block) {
      const name = partName([about, endianness(), decisive(rendering, block), await sha256(block.bytes)]);
      const found = await parts.find(name);
      if (found) return { block: blockOfBytes(found), known: true };
      const encoded = await encode(block);
      await keeping;
      keeping = parts.keep(name, bytesOfBlock(encoded));
      return { block: encoded, known: false };
    },
    settled: () => keeping,
  };
}

/** Of a list of sides only this block's. */
function decisive({ rule, ...rendering }: Rendering, { firstLine, lines }: ConversationsBlock): unknown {
  return { ...rendering, rule: rule.kind === 'listed' ? { kind: 'listed', sides: [...rule.sides.subarray(firstLine - 1, firstLine - 1 + lines)] } : rule };
}
