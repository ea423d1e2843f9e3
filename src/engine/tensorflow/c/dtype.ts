import type { DType } from '../../dtype.ts';

/** A resource is the handle of a variable. */
export type TensorFlowDType = DType | 'resource';

/** The C API's numbers (TF_DataType). */
export const dtypeNumbers: Record<TensorFlowDType, number> = {
  float32: 1,
  int32: 3,
  bool: 10,
  bfloat16: 14,
  resource: 20,
};

const valueDtypes: readonly DType[] = ['float32', 'int32', 'bool', 'bfloat16'];

export function dtypeOf(number: number): DType {
  const dtype = valueDtypes.find((name) => dtypeNumbers[name] === number);
  if (dtype === undefined) throw new Error(`TensorFlow's dtype ${number} has no counterpart in tfjs`);
  return dtype;
}

/** A typed array with room for `length` values in TensorFlow's representation. */
export function emptyArrayOf(length: number, dtype: DType): Float32Array | Int32Array | Uint16Array | Uint8Array {
  switch (dtype) {
    case 'float32':
      return new Float32Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'bfloat16':
      return new Uint16Array(length);
    case 'bool':
      return new Uint8Array(length);
  }
}
