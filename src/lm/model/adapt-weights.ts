import type { Gpt2Config } from './gpt2.ts';
import { weightShapes } from './weight-shapes.ts';

/** Weights that are read one tensor at a time, because all of them at once may be half the memory. */
export interface WeightSource {
  model: Gpt2Config;
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
  const shapes = weightShapes(model);
  return {
    model,
    read(name) {
      if (name === 'wpe.weight') return positions(source, context, extendContext);
      const [, place, rest] = /^h\.(\d+)\.(.*)$/.exec(name) ?? [];
      if (place === undefined) return source.read(name);
      const { layer, isNew } = plan[Number(place)]!;
      if (isNew && /^(attn|mlp)\.c_proj\./.test(rest!))
        return new Float32Array(shapes[name]!.reduce((product, length) => product * length, 1));
      return source.read(`h.${layer}.${rest}`);
    },
  };
}

// ---------------------------------------------------------------------------------------------------------------------

function positions(source: WeightSource, wanted: number, extend: Adaptation['extendContext']): Float32Array {
  const { context, width } = source.model;
  const rows = source.read('wpe.weight');
  if (wanted <= context) return rows.slice(0, wanted * width);
  const extended = new Float32Array(wanted * width);
  for (let position = 0; position < wanted; position++) {
    // In rows of the source; between two rows lies their weighted mean.
    const at = extend === 'stretch' ? (position * (context - 1)) / (wanted - 1) : position % context;
    const below = Math.floor(at);
    const above = Math.min(below + 1, context - 1);
    const share = at - below;
    for (let c = 0; c < width; c++)
      extended[position * width + c] = (1 - share) * rows[below * width + c]! + share * rows[above * width + c]!;
  }
  return extended;
}
