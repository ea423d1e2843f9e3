/** Element types of captured values. tfjs sees a bfloat16 as a float32. */
export type DType = 'float32' | 'bfloat16' | 'int32' | 'bool';

/** Element types that tfjs knows, and for which JavaScript has typed arrays. */
export type TfjsDType = Exclude<DType, 'bfloat16'>;

export type Values = Float32Array | Int32Array | Uint8Array;

/** `values` as a typed array of `dtype`: 4 bytes for a number, 1 for a bool. Not copied if it is one already. */
export function typedArrayOf(values: ArrayLike<number | boolean>, dtype: TfjsDType): Values {
  const numbers = values as ArrayLike<number>;
  switch (dtype) {
    case 'float32':
      return numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
    case 'int32':
      return numbers instanceof Int32Array ? numbers : Int32Array.from(numbers);
    case 'bool':
      return numbers instanceof Uint8Array ? numbers : Uint8Array.from(numbers);
  }
}

export function dtypeOfVariable({ precision }: { precision: 'fp32' | 'bf16' }): 'float32' | 'bfloat16' {
  return precision === 'bf16' ? 'bfloat16' : 'float32';
}
