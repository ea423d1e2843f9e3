import type { DType } from '../../dtype.ts';
import type { Pointer } from './api.ts';
import { dtypeNumbers } from './dtype.ts';
import type { TensorFlowLibrary } from './load-library.ts';

/** A new TF_Tensor holding a copy of `values`; the caller deletes it. */
export function newTensor(
  library: TensorFlowLibrary,
  values: ArrayBufferView,
  shape: readonly number[],
  dtype: DType,
): Pointer<'tensor'> {
  const { api } = library;
  const tensor = unfilledTensor(library, values.byteLength, shape, dtype);
  if (values.byteLength > 0) library.copyIn(api.TF_TensorData(tensor), values, values.byteLength);
  return tensor;
}

/** A new TF_Tensor with whatever its memory holds; the caller deletes it. */
export function unfilledTensor(
  { api, inHugePages }: TensorFlowLibrary,
  byteLength: number,
  shape: readonly number[],
  dtype: DType,
): Pointer<'tensor'> {
  const tensor = api.TF_AllocateTensor(dtypeNumbers[dtype], dimsOf(shape), shape.length, byteLength);
  if (!tensor) throw new Error(`TensorFlow cannot allocate ${byteLength} bytes for ${dtype} [${shape}]`);
  if (byteLength > 0) inHugePages(api.TF_TensorData(tensor), byteLength);
  return tensor;
}

/** Dimensions for the C API. Never empty, because koffi passes an empty array as a dangling pointer. */
export function dimsOf(shape: readonly number[]): BigInt64Array {
  const dims = new BigInt64Array(Math.max(1, shape.length));
  shape.forEach((length, axis) => (dims[axis] = BigInt(length)));
  return dims;
}
