import type { ModelConfig, ModelLayout } from './architecture.ts';
import { layoutOf } from './layouts.ts';

/** Weights that are read one tensor at a time, because all of them may take half of the memory. */
export interface WeightSource {
  model: ModelConfig;
  read(name: string): Float32Array;
}

export interface Adaptation {
  /** positions of the adapted model */
  context: number;
  /** rows for additional positions: `repeat` starts again at the first, `stretch` interpolates all of them */
  extendContext: 'refuse' | 'repeat' | 'stretch';
  /** Insert a layer after each of these layers of the source, counted from 0. */
  insertLayersAfter: number[];
}

/**
 * The same model with fewer or more positions, and with inserted layers.
 *
 * A shorter context keeps the first positions. An inserted layer is a copy of the layer before it, but the weights and
 * biases of its two projections to the residual stream are zero, so the model computes exactly the same. It is a copy
 * because the gradient of a zeroed projection depends on its input activations: if those were zero too, the layer would
 * never learn (Wu et al., LLaMA Pro, 2024, section 3).
 *
 * Throws a RangeError for a longer context with `refuse`, and for a layer that does not exist.
 */
export function adaptWeights(
  source: WeightSource,
  { context, extendContext, insertLayersAfter }: Adaptation,
): WeightSource {
  const { layers } = source.model;
  const beyond = insertLayersAfter.find((layer) => layer >= layers);
  if (beyond !== undefined)
    throw new RangeError(`cannot insert a layer after layer ${beyond}: the last one is ${layers - 1}`);
  if (context > source.model.context && extendContext === 'refuse') {
    throw new RangeError(`the context is ${context}, but the weights have only ${source.model.context} positions`);
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

/** `h.3.ln_1.bias` is `ln_1.bias` of block 3; null for weights outside of blocks. */
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
    // The row of the source; if it is fractional, the result is a weighted mean of the two rows around it.
    const sourceRow = extendContext === 'stretch' ? (position * (context - 1)) / (wanted - 1) : position % context;
    const below = Math.floor(sourceRow);
    const above = Math.min(below + 1, context - 1);
    const share = sourceRow - below;
    for (let c = 0; c < width; c++)
      extended[position * width + c] = (1 - share) * rows[below * width + c]! + share * rows[above * width + c]!;
  }
  return extended;
}
