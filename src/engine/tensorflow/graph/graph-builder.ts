import type { BinaryOp, CompareOp, GraphBuilder, ReduceOp, UnaryOp } from '../../capture/graph-builder.ts';
import { typedArrayOf } from '../../dtype.ts';
import type { Attribute } from '../c/attributes.ts';
import { addBarrier } from './barrier.ts';
import type { Graph } from './graph.ts';

/**
 * Spells operations as TensorFlow ops in `graph`. `fuse` is for graphs that run op by op; left out, fused operations go
 * into the graph like any other.
 */
export function tensorFlowBuilder(graph: Graph, fuse?: GraphBuilder['fuse']): GraphBuilder {
  const builder: GraphBuilder = {
    constant: (values, shape, dtype) => graph.constant(values, shape, dtype),
    scalar(value, dtype) {
      // JavaScript has no array of bfloat16.
      if (dtype === 'bfloat16') return builder.cast(builder.scalar(value, 'float32'), 'bfloat16');
      return graph.constant(typedArrayOf([value], dtype), [], dtype);
    },
    fill: (value, shape, dtype) => graph.node('Fill', [graph.ints(shape), builder.scalar(value, dtype)]),
    iota: (length) => graph.ints(Array.from({ length }, (_, index) => index)),

    unary: (op, x) => graph.node(unaryTypes[op], [x]),
    binary: (op, a, b) => graph.node(binaryTypes[op], [a, b]),
    addMany: (values) => graph.node('AddN', [values]),
    compare: (op, a, b) => graph.node(compareTypes[op], [a, b]),
    select: (condition, whenTrue, whenFalse) => graph.node('SelectV2', [condition, whenTrue, whenFalse]),
    cast: (x, dtype) => (x.dtype === dtype ? x : graph.node('Cast', [x], { DstT: { kind: 'type', value: dtype } })),
    clamp: (x, low, high) =>
      graph.node('ClipByValue', [x, builder.scalar(low, x.dtype), builder.scalar(high, x.dtype)]),
    leakyRelu: (x, slope) => graph.node('LeakyRelu', [x], { alpha: { kind: 'float', value: slope } }),

    matMul: (a, b, transpose) =>
      a.shape.length === 2 && b.shape.length === 2
        ? graph.node('MatMul', [a, b], { transpose_a: bool(transpose.a), transpose_b: bool(transpose.b) })
        : graph.node('BatchMatMulV2', [a, b], { adj_x: bool(transpose.a), adj_y: bool(transpose.b) }),
    reduce: (op, x, axes, keepDims) =>
      graph.node(reduceTypes[op], [x, graph.ints(axes)], { keep_dims: bool(keepDims) }),
    argReduce: (op, x, axis) =>
      graph.node(op === 'max' ? 'ArgMax' : 'ArgMin', [x, graph.int(axis)], {
        output_type: { kind: 'type', value: 'int32' },
      }),
    cumulative: (op, x, axis, { exclusive, reverse }) =>
      graph.node(op === 'sum' ? 'Cumsum' : 'Cumprod', [x, graph.int(axis)], {
        exclusive: bool(exclusive),
        reverse: bool(reverse),
      }),
    topK(x, k, sorted) {
      const [values, indices] = graph.nodes('TopKV2', [x, graph.int(k)], { sorted: bool(sorted) });
      return [values!, indices!];
    },
    softmax: (x) => graph.node('Softmax', [x]),
    logSoftmax: (x) => graph.node('LogSoftmax', [x]),

    reshape: (x, shape) => graph.node('Reshape', [x, graph.ints(shape)]),
    expandDims: (x, axis) => graph.node('ExpandDims', [x, graph.int(axis)]),
    transpose: (x, permutation) => graph.node('Transpose', [x, graph.ints(permutation)]),
    reverse: (x, axes) => graph.node('ReverseV2', [x, graph.ints(axes)]),
    broadcastTo: (x, shape) => graph.node('BroadcastTo', [x, graph.ints(shape)]),
    tile: (x, repeats) => graph.node('Tile', [x, graph.ints(repeats)]),
    pad(x, paddings, value) {
      const table = graph.constant(Int32Array.from(paddings.flat()), [paddings.length, 2], 'int32');
      return graph.node('PadV2', [x, table, builder.scalar(value, x.dtype)]);
    },
    concatenate: (parts, axis) => graph.node('ConcatV2', [parts, graph.int(axis)]),
    stack: (parts, axis) => graph.node('Pack', [parts], { axis: int(axis) }),
    unstack: (x, axis) => graph.nodes('Unpack', [x], { num: int(x.shape[axis]!), axis: int(axis) }),
    split: (x, sizes, axis) =>
      graph.nodes('SplitV', [x, graph.ints(sizes), graph.int(axis)], { num_split: int(sizes.length) }),

    slice: (x, begin, sizes) => graph.node('Slice', [x, graph.ints(begin), graph.ints(sizes)]),
    stridedSlice: (x, slice) =>
      graph.node('StridedSlice', [x, graph.ints(slice.begin), graph.ints(slice.end), graph.ints(slice.strides)], {
        begin_mask: int(slice.beginMask),
        end_mask: int(slice.endMask),
        ellipsis_mask: int(slice.ellipsisMask),
        new_axis_mask: int(slice.newAxisMask),
        shrink_axis_mask: int(slice.shrinkAxisMask),
      }),
    gather: (x, indices, { axis, batchDims }) =>
      graph.node('GatherV2', [x, indices, graph.int(axis)], { batch_dims: int(batchDims) }),
    gatherNd: (x, indices) => graph.node('GatherNd', [x, indices]),
    scatterNd: (indices, updates, shape) => graph.node('ScatterNd', [indices, updates, graph.ints(shape)]),
    scatterUpdate: (x, indices, updates) => graph.node('TensorScatterUpdate', [x, indices, updates]),
    segmentSum: (x, segmentIds, segments) => graph.node('UnsortedSegmentSum', [x, segmentIds, graph.int(segments)]),
    oneHot: (indices, { depth, on, off, dtype }) =>
      graph.node('OneHot', [indices, graph.int(depth), builder.scalar(on, dtype), builder.scalar(off, dtype)]),

    // Stateless: the numbers depend on the seed alone, not on what was drawn before.
    randomUniform: (seed, shape) => graph.node('StatelessRandomUniform', [graph.ints(shape), seed]),
    barrier: (x, after) => addBarrier(graph, x, after),
    fuse: fuse ?? ((_, inputs, build) => build(builder, inputs)),
  };
  return builder;
}

const bool = (value: boolean): Attribute => ({ kind: 'bool', value });
const int = (value: number): Attribute => ({ kind: 'int', value });

const unaryTypes: Record<UnaryOp, string> = {
  abs: 'Abs',
  negate: 'Neg',
  sign: 'Sign',
  exp: 'Exp',
  expm1: 'Expm1',
  log: 'Log',
  log1p: 'Log1p',
  sqrt: 'Sqrt',
  rsqrt: 'Rsqrt',
  square: 'Square',
  reciprocal: 'Reciprocal',
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  erf: 'Erf',
  sin: 'Sin',
  cos: 'Cos',
  tan: 'Tan',
  floor: 'Floor',
  ceil: 'Ceil',
  round: 'Round',
  softplus: 'Softplus',
  relu: 'Relu',
  relu6: 'Relu6',
  elu: 'Elu',
  selu: 'Selu',
  onesLike: 'OnesLike',
  zerosLike: 'ZerosLike',
  logicalNot: 'LogicalNot',
  isNan: 'IsNan',
  isInf: 'IsInf',
  isFinite: 'IsFinite',
};

const binaryTypes: Record<BinaryOp, string> = {
  add: 'AddV2',
  subtract: 'Sub',
  multiply: 'Mul',
  divide: 'RealDiv',
  floorDivide: 'FloorDiv',
  floorModulo: 'FloorMod',
  maximum: 'Maximum',
  minimum: 'Minimum',
  power: 'Pow',
  squaredDifference: 'SquaredDifference',
  atan2: 'Atan2',
  logicalAnd: 'LogicalAnd',
  logicalOr: 'LogicalOr',
  bitwiseXor: 'BitwiseXor',
};

const compareTypes: Record<CompareOp, string> = {
  greater: 'Greater',
  greaterEqual: 'GreaterEqual',
  less: 'Less',
  lessEqual: 'LessEqual',
  equal: 'Equal',
  notEqual: 'NotEqual',
};

const reduceTypes: Record<ReduceOp, string> = {
  sum: 'Sum',
  product: 'Prod',
  max: 'Max',
  min: 'Min',
  all: 'All',
  any: 'Any',
  mean: 'Mean',
};
