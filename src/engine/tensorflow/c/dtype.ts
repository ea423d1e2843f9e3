/**
 * The dtypes that nodes have, and the numbers TensorFlow's C API gives them (TF_DataType). tfjs takes a bfloat16 for a
 * float32.
 */
export type DType = 'float32' | 'bfloat16' | 'int32' | 'bool' | 'resource';

export const dtypeNumbers: Record<DType, number> = { float32: 1, int32: 3, bool: 10, bfloat16: 14, resource: 20 };

const dtypeNames = new Map(Object.entries(dtypeNumbers).map(([name, number]) => [number, name as DType]));

export function dtypeOf(number: number): DType {
  const dtype = dtypeNames.get(number);
  if (dtype === undefined) throw new Error(`TensorFlow's dtype ${number} has no counterpart in tfjs`);
  return dtype;
}

/** Values as TensorFlow stores them: 4 bytes for numbers, 1 for bool. */
export function typedArrayOf(
  values: ArrayLike<number | boolean>,
  dtype: DType,
): Float32Array | Int32Array | Uint8Array {
  const numbers = values as ArrayLike<number>;
  switch (dtype) {
    case 'float32':
      return numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
    case 'int32':
      return numbers instanceof Int32Array ? numbers : Int32Array.from(numbers);
    case 'bool':
      return numbers instanceof Uint8Array ? numbers : Uint8Array.from(numbers);
    case 'bfloat16':
    case 'resource':
      throw new Error(`a ${dtype} has no values here`);
  }
}

export function emptyArrayOf(length: number, dtype: DType): Float32Array | Int32Array | Uint16Array | Uint8Array {
  switch (dtype) {
    case 'float32':
      return new Float32Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'bfloat16':
      return new Uint16Array(length);
    case 'bool':
    case 'resource':
      return new Uint8Array(length);
  }
}

export function dtypeOfVariable({ precision }: { precision: 'fp32' | 'bf16' }): DType {
  return precision === 'bf16' ? 'bfloat16' : 'float32';
}
