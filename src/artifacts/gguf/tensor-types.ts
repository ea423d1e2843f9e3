/** Types of numbers in a GGUF file that we write. */
export const TENSOR_TYPES = ['f32', 'f16', 'bf16', 'q8_0'] as const;
export type TensorType = (typeof TENSOR_TYPES)[number];
