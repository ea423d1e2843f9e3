import type { DType, TfjsDType, Values } from '../dtype.ts';

/**
 * A tensor in the program that is being built. Kernels may read its dtype and shape; anything else belongs to the
 * builder that made it. All dimensions are known.
 */
export interface GraphValue {
  readonly dtype: DType;
  readonly shape: number[];
  /** A scalar constant: if dtypes are mixed, it is converted to that of the other operands. */
  readonly weak?: boolean;
}

/** Elementwise on one tensor: same shape, same dtype. */
export type UnaryOp =
  | 'abs'
  | 'negate'
  | 'sign'
  | 'exp'
  | 'expm1'
  | 'log'
  | 'log1p'
  | 'sqrt'
  | 'rsqrt'
  | 'square'
  | 'reciprocal'
  | 'tanh'
  | 'sigmoid'
  | 'erf'
  | 'sin'
  | 'cos'
  | 'tan'
  | 'floor'
  | 'ceil'
  /** ties go to the even neighbour: 2.5 → 2 */
  | 'round'
  /** log(1 + exp(x)) */
  | 'softplus'
  | 'relu'
  /** min(max(x, 0), 6) */
  | 'relu6'
  | 'elu'
  | 'selu'
  | 'onesLike'
  | 'zerosLike'
  /** bool to bool */
  | 'logicalNot'
  /** these three: float to bool */
  | 'isNan'
  | 'isInf'
  | 'isFinite';

/** Elementwise on two tensors of one dtype, which is that of the result; shapes are broadcast as in NumPy. */
export type BinaryOp =
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  /** rounds toward minus infinity */
  | 'floorDivide'
  /** takes the sign of the divisor */
  | 'floorModulo'
  | 'maximum'
  | 'minimum'
  | 'power'
  /** (a - b)² */
  | 'squaredDifference'
  | 'atan2'
  /** these two: bool */
  | 'logicalAnd'
  | 'logicalOr'
  /** int32 */
  | 'bitwiseXor';

export type CompareOp = 'greater' | 'greaterEqual' | 'less' | 'lessEqual' | 'equal' | 'notEqual';

/** `all` and `any` take bools; `mean` takes floats. */
export type ReduceOp = 'sum' | 'product' | 'max' | 'min' | 'all' | 'any' | 'mean';

/** The masks are bit sets over the entries of `begin`, as in TensorFlow's and tfjs's StridedSlice. */
export interface StridedSlice {
  begin: readonly number[];
  /** exclusive */
  end: readonly number[];
  strides: readonly number[];
  beginMask: number;
  endMask: number;
  ellipsisMask: number;
  newAxisMask: number;
  shrinkAxisMask: number;
}

/**
 * The operations that captured kernels consist of. A compiler target implements each of them once, in whatever graph or
 * text it compiles. Kernels use nothing else, so they work with every target.
 *
 * Operations have no side effects. Axes, shapes and other settings are plain numbers, known while the program is built.
 * A negative axis counts from the end. A method throws if the target refuses the operation.
 */
export interface GraphBuilder {
  // Constants.

  /** Row-major `values` of `shape`. The result is `weak` if it is a scalar. */
  constant(values: Values, shape: readonly number[], dtype: TfjsDType): GraphValue;
  /** A scalar. For a bool, 0 is false. */
  scalar(value: number, dtype: DType): GraphValue;
  /** `value` repeated. */
  fill(value: number, shape: readonly number[], dtype: TfjsDType): GraphValue;
  /** 0, 1, … as int32 [length]. */
  iota(length: number): GraphValue;

  // Elementwise.

  unary(op: UnaryOp, x: GraphValue): GraphValue;
  binary(op: BinaryOp, a: GraphValue, b: GraphValue): GraphValue;
  /** The sum of one or more tensors of one shape and dtype. */
  addMany(values: GraphValue[]): GraphValue;
  /** Compares two tensors of one dtype, which are broadcast; the result is bool. */
  compare(op: CompareOp, a: GraphValue, b: GraphValue): GraphValue;
  /** Picks from two tensors of one dtype by a bool; all three are broadcast. */
  select(condition: GraphValue, whenTrue: GraphValue, whenFalse: GraphValue): GraphValue;
  /** `x` itself if it has the dtype already. Floats are truncated to int32; to bool, all but 0 is true. */
  cast(x: GraphValue, dtype: DType): GraphValue;
  clamp(x: GraphValue, low: number, high: number): GraphValue;
  /** x above 0, else slope · x. */
  leakyRelu(x: GraphValue, slope: number): GraphValue;

  // Products and reductions.

  /**
   * Matrix product over the last two axes, each operand transposed there if asked for; any axes before them are batch
   * axes and are broadcast. float32 operands are multiplied in full float32 precision.
   */
  matMul(a: GraphValue, b: GraphValue, transpose: { a: boolean; b: boolean }): GraphValue;
  /** Reduces `axes`, which stay as axes of length 1 with `keepDims`. */
  reduce(op: ReduceOp, x: GraphValue, axes: readonly number[], keepDims: boolean): GraphValue;
  /** The index of the largest or smallest value along `axis`, the first of equals, as int32 without that axis. */
  argReduce(op: 'max' | 'min', x: GraphValue, axis: number): GraphValue;
  /** Running sums or products along `axis`. `exclusive` leaves out the element itself; `reverse` starts at the end. */
  cumulative(
    op: 'sum' | 'product',
    x: GraphValue,
    axis: number,
    options: { exclusive: boolean; reverse: boolean },
  ): GraphValue;
  /** The `k` largest values of the last axis, in descending order if `sorted`, and their int32 indices. */
  topK(x: GraphValue, k: number, sorted: boolean): [values: GraphValue, indices: GraphValue];
  /** Along the last axis. */
  softmax(x: GraphValue): GraphValue;
  /** Along the last axis. */
  logSoftmax(x: GraphValue): GraphValue;

  // Shapes.

  /** One length may be -1, and is then inferred. */
  reshape(x: GraphValue, shape: readonly number[]): GraphValue;
  /** Inserts an axis of length 1 before `axis`; -1 appends one. */
  expandDims(x: GraphValue, axis: number): GraphValue;
  /** Axis i of the result is axis `permutation[i]` of x. */
  transpose(x: GraphValue, permutation: readonly number[]): GraphValue;
  reverse(x: GraphValue, axes: readonly number[]): GraphValue;
  /** Broadcasts x to a shape that is at least as long. */
  broadcastTo(x: GraphValue, shape: readonly number[]): GraphValue;
  /** Repeats x `repeats[axis]` times along each axis. */
  tile(x: GraphValue, repeats: readonly number[]): GraphValue;
  /** Adds `[before, after]` elements of `value` along each axis. */
  pad(x: GraphValue, paddings: readonly (readonly [number, number])[], value: number): GraphValue;
  /** Joins two or more tensors along an existing axis. */
  concatenate(parts: GraphValue[], axis: number): GraphValue;
  /** Joins tensors of one shape along a new axis. */
  stack(parts: GraphValue[], axis: number): GraphValue;
  /** Takes x apart along `axis`, which disappears. */
  unstack(x: GraphValue, axis: number): GraphValue[];
  /** Cuts x along `axis` into parts of `sizes`, which add up to its length. */
  split(x: GraphValue, sizes: readonly number[], axis: number): GraphValue[];

  // Indexing. Indices are int32. Except for oneHot, a target may refuse or clamp one that is out of range.

  /** The block of `sizes` that starts at `begin`. */
  slice(x: GraphValue, begin: readonly number[], sizes: readonly number[]): GraphValue;
  stridedSlice(x: GraphValue, slice: StridedSlice): GraphValue;
  /** Replaces `axis` of x by the axes of `indices`; the first `batchDims` axes of both are paired. */
  gather(x: GraphValue, indices: GraphValue, options: { axis: number; batchDims: number }): GraphValue;
  /** The last axis of `indices` [..., n] indexes the first n axes of x. */
  gatherNd(x: GraphValue, indices: GraphValue): GraphValue;
  /** Zeros of `shape`, with each update added at its index. The last axis of `indices` [..., n] indexes n axes. */
  scatterNd(indices: GraphValue, updates: GraphValue, shape: readonly number[]): GraphValue;
  /** x with the elements at `indices`, as in `scatterNd`, replaced by the updates. */
  scatterUpdate(x: GraphValue, indices: GraphValue, updates: GraphValue): GraphValue;
  /** Sums the rows of x by segment: row i of the result is the sum of those whose segment id is i. */
  segmentSum(x: GraphValue, segmentIds: GraphValue, segments: number): GraphValue;
  /** Appends an axis of length `depth`: `on` at the index, `off` elsewhere and for an index that is out of range. */
  oneHot(indices: GraphValue, options: { depth: number; on: number; off: number; dtype: TfjsDType }): GraphValue;

  // Operations that need the compiler's help.

  /**
   * float32 in [0, 1), a pure function of `seed`, int32 [2]: the same seed gives the same numbers at every call. Other
   * targets may give others.
   */
  randomUniform(seed: GraphValue, shape: readonly number[]): GraphValue;
  /**
   * The same values as `x`, available only once `after` has been computed. Operations on the result are never merged
   * with the same operations on `x`.
   */
  barrier(x: GraphValue, after: GraphValue[]): GraphValue;
  /**
   * Builds operations that should run as one pass over memory. A target that runs operations one by one compiles them
   * as a unit, once for each name and each set of input dtypes and shapes; any other calls
   * `build(this, inputs)`.
   */
  fuse(
    name: string,
    inputs: GraphValue[],
    build: (graph: GraphBuilder, inputs: GraphValue[]) => GraphValue[],
  ): GraphValue[];
}
