/** The dtypes that tfjs and TensorFlow share, and the numbers TensorFlow's C API gives them (TF_DataType). */
export type DType = 'float32' | 'int32' | 'bool' | 'resource';

export const dtypeNumbers: Record<DType, number> = { float32: 1, int32: 3, bool: 10, resource: 20 };

const dtypeNames = new Map(Object.entries(dtypeNumbers).map(([name, number]) => [number, name as DType]));

export function dtypeOf(number: number): DType {
  const dtype = dtypeNames.get(number);
  if (dtype === undefined) throw new Error(`TensorFlow's dtype ${number} has no counterpart in tfjs`);
  return dtype;
}

/** Values as TensorFlow stores them: 4 bytes for numbers, 1 for bool. */
export function typedArrayOf(values: ArrayLike<number | boolean>, dtype: DType): Float32Array | Int32Array | Uint8Array {
  const numbers = values as ArrayLike<number>;
  switch (dtype) {
    case 'float32':
      return numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
    case 'int32':
      return numbers instanceof Int32Array ? numbers : Int32Array.from(numbers);
    case 'bool':
      return numbers instanceof Uint8Array ? numbers : Uint8Array.from(numbers);
    case 'resource':
      throw new Error('a resource has no values');
  }
}

export function emptyArrayOf(length: number, dtype: DType): Float32Array | Int32Array | Uint8Array {
  return dtype === 'float32' ? new Float32Array(length) : dtype === 'int32' ? new Int32Array(length) : new Uint8Array(length);
}
