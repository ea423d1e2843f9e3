import type { ModelConfig } from '../architecture.ts';

/** Name → shape, in the published order. */
export function weightShapes({ vocabularySize: V, context, layers, width: C }: ModelConfig): Record<string, number[]> {
  const shapes: Record<string, number[]> = { 'wte.weight': [V, C], 'wpe.weight': [context, C] };
  for (let layer = 0; layer < layers; layer++) {
    const h = `h.${layer}`;
    shapes[`${h}.ln_1.weight`] = [C];
    shapes[`${h}.ln_1.bias`] = [C];
    shapes[`${h}.attn.c_attn.weight`] = [C, 3 * C];
    shapes[`${h}.attn.c_attn.bias`] = [3 * C];
    shapes[`${h}.attn.c_proj.weight`] = [C, C];
    shapes[`${h}.attn.c_proj.bias`] = [C];
    shapes[`${h}.ln_2.weight`] = [C];
    shapes[`${h}.ln_2.bias`] = [C];
    shapes[`${h}.mlp.c_fc.weight`] = [C, 4 * C];
    shapes[`${h}.mlp.c_fc.bias`] = [4 * C];
    shapes[`${h}.mlp.c_proj.weight`] = [4 * C, C];
    shapes[`${h}.mlp.c_proj.bias`] = [C];
  }
  shapes['ln_f.weight'] = [C];
  shapes['ln_f.bias'] = [C];
  return shapes;
}
