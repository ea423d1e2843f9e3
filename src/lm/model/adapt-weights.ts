import type { ModelConfig, ModelLayout } from './architecture.ts';
import { layoutOf } from './layouts.ts';

/** Weights that are read one tensor at a time, because all of them at once may be half the memory. */
export interface WeightSource {
  model: ModelConfig;
  read(name: string): Float32Array;
}

export interface Adaptation {
  /** positions wanted */
  context: number;
  /** where positions beyond the last come from: `repeat` begins again at the first, `stretch` draws out what is there */
  extendContext: 'refuse' | 'repeat' | 'stretch';
  /** After each of these layers of the source, counted from 0, comes one that changes nothing yet. */
  insertLayersAfter: number[];
}

/**
 * The same model with fewer or more positions, and with layers between its own.
 *
 * Fewer positions are the first ones: each means what it meant. An inserted layer is a copy of the one before it whose
 * two projections back to the residual stream are zero, weights and biases, so the model computes exactly what it did;
 * a copy, because the gradients of zeroed projections are those of what feeds them, and with zeros there too nothing
 * would ever move (Wu et al., LLaMA Pro, 2024, section 3).
 *
 * Throws a RangeError for positions that would have to be invented, and for a layer that is not there.
 */
export function adaptWeights(
  source: WeightSource,
  { context, extendContext, insertLayersAfter }: Adaptation,
): WeightSource {
  const { layers } = source.model;
  const beyond = insertLayersAfter.find((layer) => layer >= layers);
  if (beyond !== undefined)
    throw new RangeError(`a layer is to be inserted after layer ${beyond}, the last one is ${layers - 1}`);
  if (context > source.model.context && extendContext === 'refuse') {
    throw new RangeError(`a context of ${context} is wanted, the weights have ${source.model.context} positions`);
  }
  const plan = Array.from({ length: layers }, (_, layer) => [
    { layer, isNew: false },
    ...insertLayersAfter.filter((after) => after === layer).map(() => ({ layer, isNew: true })),
  ]).flat();
  const model = { ...source.model, context, layers: plan.length };
  const layout = layoutOf(model);
  return {
    model,
    read(name) {
      if (name === layout.names.positions) return positions(source, name, { context, extendContext });
      const inBlock = blockWeight(name, layout);
      if (inBlock === null) return source.read(name);
      const { layer, isNew } = plan[inBlock.layer]!;
      if (isNew && layout.names.residual.includes(inBlock.name))
        return new Float32Array(layout.weightShapes[name]!.reduce((product, length) => product * length, 1));
      return source.read(`${layout.names.blocks}${layer}.${inBlock.name}`);
    },
  };
}

// ---------------------------------------------------------------------------------------------------------------------

/** `h.3.ln_1.bias` is `ln_1.bias` of block 3; null for what is in no block. */
function blockWeight(name: string, { names }: ModelLayout): { layer: number; name: string } | null {
  if (!name.startsWith(names.blocks)) return null;
  const [layer, ...rest] = name.slice(names.blocks.length).split('.');
  return { layer: Number(layer), name: rest.join('.') };
}

function positions(
  source: WeightSource,
  name: string,
  { context: wanted, extendContext }: Pick<Adaptation, 'context' | 'extendContext'>,
): Float32Array {
  const { context, width } = source.model;
  const rows = source.read(name);
  if (wanted <= context) return rows.slice(0, wanted * width);
  const extended = new Float32Array(wanted * width);
  for (let position = 0; position < wanted; position++) {
    // In rows of the source; between two rows lies their weighted mean.
    const at = extendContext === 'stretch' ? (position * (context - 1)) / (wanted - 1) : position % context;
    const below = Math.floor(at);
    const above = Math.min(below + 1, context - 1);
    const share = at - below;
    for (let c = 0; c < width; c++)
      extended[position * width + c] = (1 - share) * rows[below * width + c]! + share * rows[above * width + c]!;
  }
  return extended;
}
