import * as tf from '@tensorflow/tfjs-core';
import { numbers } from './engines.ts';

type Tensors = Record<string, tf.Tensor>;

export interface KernelCase {
  /** tfjs's name of the tested kernel */
  kernel: string;
  inputs: Record<string, { shape: number[]; dtype: 'float32' | 'int32'; values: Float32Array | Int32Array }>;
  body: (inputs: Tensors) => tf.Tensor | tf.Tensor[];
}

let seed = 100;
const floats = (shape: number[], low = -2, high = 2): KernelCase['inputs'][string] => ({
  shape,
  dtype: 'float32',
  values: numbers(tf.util.sizeFromShape(shape), low, high, seed++),
});
const ints = (shape: number[], low: number, high: number): KernelCase['inputs'][string] => ({
  shape,
  dtype: 'int32',
  values: Int32Array.from(numbers(tf.util.sizeFromShape(shape), low, high, seed++), Math.floor),
});
const ofInts = (shape: number[], values: number[]): KernelCase['inputs'][string] => ({
  shape,
  dtype: 'int32',
  values: Int32Array.from(values),
});
const ofFloats = (shape: number[], values: number[]): KernelCase['inputs'][string] => ({
  shape,
  dtype: 'float32',
  values: Float32Array.from(values),
});

const binary = (kernel: string, op: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor, [low, high] = [-2, 2]): KernelCase[] => [
  { kernel, inputs: { a: floats([3, 4], low, high), b: floats([3, 4], low, high) }, body: ({ a, b }) => op(a!, b!) },
  { kernel, inputs: { a: floats([2, 1, 5], low, high), b: floats([3, 1], low, high) }, body: ({ a, b }) => op(a!, b!) },
];
const compare = (kernel: string, op: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): KernelCase => ({
  kernel,
  inputs: { a: ints([4, 6], 0, 3), b: ints([6], 0, 3) },
  body: ({ a, b }) => op(a!, b!),
});
const unary = (kernel: string, op: (x: tf.Tensor) => tf.Tensor, [low, high] = [-2, 2]): KernelCase => ({
  kernel,
  inputs: { x: floats([5, 7], low, high) },
  body: ({ x }) => op(x!),
});
const special = (kernel: string, op: (x: tf.Tensor) => tf.Tensor): KernelCase => ({
  kernel,
  inputs: { x: ofFloats([6], [NaN, Infinity, -Infinity, 0, 1, -1]) },
  body: ({ x }) => op(x!),
});
const reduce = (
  kernel: string,
  op: (x: tf.Tensor, axis?: number | number[], keepDims?: boolean) => tf.Tensor,
): KernelCase[] => [
  { kernel, inputs: { x: floats([2, 3, 4]) }, body: ({ x }) => op(x!, 1) },
  { kernel, inputs: { x: floats([2, 3, 4]) }, body: ({ x }) => op(x!, [0, 2], true) },
  { kernel, inputs: { x: floats([2, 3, 4]) }, body: ({ x }) => op(x!) },
];
const matMul = (a: number[], b: number[], transposeA: boolean, transposeB: boolean): KernelCase => ({
  kernel: 'BatchMatMul',
  inputs: { a: floats(a), b: floats(b) },
  body: ({ a, b }) => tf.matMul(a!, b!, transposeA, transposeB),
});

export const kernelCases: KernelCase[] = [
  ...binary('Add', tf.add),
  ...binary('Sub', tf.sub),
  ...binary('Multiply', tf.mul),
  ...binary('RealDiv', tf.div, [0.5, 3]),
  ...binary('Maximum', tf.maximum),
  ...binary('Minimum', tf.minimum),
  ...binary('Pow', tf.pow, [0.2, 3]),
  ...binary('SquaredDifference', tf.squaredDifference),
  ...binary('Mod', tf.mod, [0.5, 9]),
  ...binary('Atan2', tf.atan2),
  {
    kernel: 'FloorDiv',
    inputs: { a: ints([9], -20, 20), b: ofInts([1], [3]) },
    body: ({ a, b }) => tf.floorDiv(a!, b!),
  },
  { kernel: 'Add', inputs: { a: ints([9], -20, 20), b: floats([9]) }, body: ({ a, b }) => tf.add(a!, b!) },
  compare('Greater', tf.greater),
  compare('GreaterEqual', tf.greaterEqual),
  compare('Less', tf.less),
  compare('LessEqual', tf.lessEqual),
  compare('Equal', tf.equal),
  compare('NotEqual', tf.notEqual),
  compare('LogicalAnd', (a, b) => tf.logicalAnd(tf.cast(a, 'bool'), tf.cast(b, 'bool'))),
  compare('LogicalOr', (a, b) => tf.logicalOr(tf.cast(a, 'bool'), tf.cast(b, 'bool'))),
  { kernel: 'LogicalNot', inputs: { x: ints([8], 0, 2) }, body: ({ x }) => tf.logicalNot(tf.cast(x!, 'bool')) },

  unary('Abs', tf.abs),
  unary('Neg', tf.neg),
  unary('Sign', tf.sign),
  unary('Exp', tf.exp),
  unary('Expm1', tf.expm1),
  unary('Log', tf.log, [0.1, 9]),
  unary('Log1p', tf.log1p, [-0.5, 9]),
  unary('Sqrt', tf.sqrt, [0, 9]),
  unary('Rsqrt', tf.rsqrt, [0.1, 9]),
  unary('Square', tf.square),
  unary('Reciprocal', tf.reciprocal, [0.5, 3]),
  unary('Tanh', tf.tanh, [-12, 12]),
  unary('Sigmoid', tf.sigmoid, [-12, 12]),
  unary('Erf', tf.erf),
  unary('Sin', tf.sin),
  unary('Cos', tf.cos),
  unary('Tan', tf.tan, [-1, 1]),
  unary('Floor', tf.floor),
  unary('Ceil', tf.ceil),
  {
    kernel: 'Round',
    inputs: { x: ofFloats([7], [-1.5, -0.5, 0.5, 1.5, 2.5, 0.2, -7.8]) },
    body: ({ x }) => tf.round(x!),
  },
  unary('Softplus', tf.softplus),
  unary('Relu', tf.relu),
  unary('Relu6', tf.relu6, [-9, 9]),
  unary('Elu', tf.elu),
  unary('Selu', tf.selu),
  unary('LeakyRelu', (x) => tf.leakyRelu(x as tf.Tensor2D, 0.3)),
  unary('Step', (x) => tf.step(x, 0.25)),
  unary('Identity', (x) => tf.clone(x)),
  unary('ClipByValue', (x) => tf.clipByValue(x, -0.5, 1)),
  unary('OnesLike', tf.onesLike),
  unary('ZerosLike', tf.zerosLike),
  unary('Cast', (x) => tf.cast(x, 'int32')),
  special('IsNan', tf.isNaN),
  special('IsInf', tf.isInf),
  special('IsFinite', tf.isFinite),
  {
    kernel: 'Select',
    inputs: { condition: ints([4, 3], 0, 2), t: floats([4, 3]), e: floats([3]) },
    body: ({ condition, t, e }) => tf.where(tf.cast(condition!, 'bool'), t!, e!),
  },
  {
    kernel: 'AddN',
    inputs: { a: floats([3, 2]), b: floats([3, 2]), c: floats([3, 2]) },
    body: ({ a, b, c }) => tf.addN([a!, b!, c!]),
  },

  ...reduce('Sum', tf.sum),
  ...reduce('Mean', tf.mean),
  ...reduce('Max', tf.max),
  ...reduce('Min', tf.min),
  ...reduce('Prod', tf.prod),
  { kernel: 'Sum', inputs: { x: ints([3, 4], -9, 9) }, body: ({ x }) => tf.sum(x!, 0) },
  { kernel: 'Mean', inputs: { x: ints([3, 4], -9, 9) }, body: ({ x }) => tf.mean(x!, 0) },
  { kernel: 'All', inputs: { x: ints([3, 4], 0, 2) }, body: ({ x }) => tf.all(tf.cast(x!, 'bool'), 1) },
  { kernel: 'Any', inputs: { x: ints([3, 4], 0, 2) }, body: ({ x }) => tf.any(tf.cast(x!, 'bool'), 1) },
  { kernel: 'ArgMax', inputs: { x: floats([3, 9]) }, body: ({ x }) => tf.argMax(x!, -1) },
  { kernel: 'ArgMin', inputs: { x: floats([3, 9]) }, body: ({ x }) => tf.argMin(x!, 0) },
  { kernel: 'Cumsum', inputs: { x: floats([3, 6]) }, body: ({ x }) => tf.cumsum(x!, 1) },
  { kernel: 'Cumsum', inputs: { x: floats([3, 6]) }, body: ({ x }) => tf.cumsum(x!, 0, true, true) },
  { kernel: 'Cumprod', inputs: { x: floats([3, 6]) }, body: ({ x }) => tf.cumprod(x!, 1) },
  {
    kernel: 'TopK',
    inputs: { x: floats([3, 20]) },
    body: ({ x }) => {
      const { values, indices } = tf.topk(x!, 5);
      return [values, indices];
    },
  },
  { kernel: 'Softmax', inputs: { x: floats([2, 3, 9], -9, 9) }, body: ({ x }) => tf.softmax(x!) },
  { kernel: 'LogSoftmax', inputs: { x: floats([2, 3, 9], -9, 9) }, body: ({ x }) => tf.logSoftmax(x!) },

  matMul([3, 5], [5, 4], false, false),
  matMul([5, 3], [5, 4], true, false),
  matMul([3, 5], [4, 5], false, true),
  matMul([5, 3], [4, 5], true, true),
  matMul([20, 3], [20, 70], true, false),
  matMul([20, 70], [20, 3], true, false),
  matMul([2, 3, 4, 5], [2, 3, 6, 5], false, true),
  matMul([2, 3, 5, 4], [2, 3, 5, 6], true, false),
  matMul([1, 1, 4, 5], [2, 3, 5, 6], false, false),

  {
    kernel: 'GatherV2',
    inputs: { x: floats([6, 3]), i: ints([2, 4], 0, 6) },
    body: ({ x, i }) => tf.gather(x!, i as tf.Tensor2D),
  },
  {
    kernel: 'GatherV2',
    inputs: { x: floats([2, 6, 3]), i: ints([2, 4], 0, 6) },
    body: ({ x, i }) => tf.gather(x!, i as tf.Tensor2D, 1, 1),
  },
  {
    kernel: 'GatherNd',
    inputs: { x: floats([4, 3]), i: ofInts([2, 2], [0, 2, 3, 1]) },
    body: ({ x, i }) => tf.gatherND(x!, i!),
  },
  {
    kernel: 'ScatterNd',
    inputs: { i: ofInts([3, 1], [4, 0, 2]), u: floats([3, 2]) },
    body: ({ i, u }) => tf.scatterND(i as tf.Tensor2D, u!, [5, 2]),
  },
  {
    kernel: 'TensorScatterUpdate',
    inputs: { x: floats([5, 2]), i: ofInts([3, 1], [4, 0, 2]), u: floats([3, 2]) },
    body: ({ x, i, u }) => tf.tensorScatterUpdate(x!, i as tf.Tensor2D, u!),
  },
  {
    kernel: 'UnsortedSegmentSum',
    inputs: { x: floats([7, 3]), i: ofInts([7], [0, 4, 2, 2, 0, 4, 4]) },
    body: ({ x, i }) => tf.unsortedSegmentSum(x!, i as tf.Tensor1D, 5),
  },
  { kernel: 'OneHot', inputs: { i: ints([2, 3], 0, 5) }, body: ({ i }) => tf.oneHot(i!, 5) },
  { kernel: 'OneHot', inputs: { i: ints([4], 0, 5) }, body: ({ i }) => tf.oneHot(i!, 5, 0.5, -1, 'float32') },
  { kernel: 'Slice', inputs: { x: floats([4, 5]) }, body: ({ x }) => tf.slice(x!, [1, 2], [2, -1]) },
  {
    kernel: 'StridedSlice',
    inputs: { x: floats([4, 6]) },
    body: ({ x }) => tf.stridedSlice(x!, [3, 1], [0, 6], [-1, 2]),
  },
  {
    kernel: 'StridedSlice',
    inputs: { x: floats([4, 6]) },
    body: ({ x }) => tf.stridedSlice(x!, [2, 0], [3, 4], [1, 1], 0, 2, 0, 0, 1),
  },

  { kernel: 'Reshape', inputs: { x: floats([4, 6]) }, body: ({ x }) => tf.reshape(x!, [3, -1]) },
  { kernel: 'ExpandDims', inputs: { x: floats([4, 6]) }, body: ({ x }) => tf.expandDims(x!, 1) },
  { kernel: 'Transpose', inputs: { x: floats([2, 3, 4, 5]) }, body: ({ x }) => tf.transpose(x!, [0, 2, 1, 3]) },
  { kernel: 'Reverse', inputs: { x: floats([3, 4]) }, body: ({ x }) => tf.reverse(x!, 1) },
  { kernel: 'BroadcastTo', inputs: { x: floats([3, 1]) }, body: ({ x }) => tf.broadcastTo(x!, [2, 3, 4]) },
  { kernel: 'Tile', inputs: { x: floats([2, 3]) }, body: ({ x }) => tf.tile(x!, [2, 3]) },
  {
    kernel: 'PadV2',
    inputs: { x: floats([2, 3]) },
    body: ({ x }) =>
      tf.pad(
        x!,
        [
          [1, 0],
          [2, 1],
        ],
        0.5,
      ),
  },
  { kernel: 'Concat', inputs: { a: floats([2, 3]), b: floats([2, 1]) }, body: ({ a, b }) => tf.concat([a!, b!], 1) },
  { kernel: 'Pack', inputs: { a: floats([2, 3]), b: floats([2, 3]) }, body: ({ a, b }) => tf.stack([a!, b!], 1) },
  { kernel: 'Unpack', inputs: { x: floats([2, 3]) }, body: ({ x }) => tf.unstack(x!, 1) },
  { kernel: 'SplitV', inputs: { x: floats([2, 6]) }, body: ({ x }) => tf.split(x!, 3, 1) },
  { kernel: 'SplitV', inputs: { x: floats([7, 2]) }, body: ({ x }) => tf.split(x!, [2, -1, 1], 0) },
  { kernel: 'Fill', inputs: { x: floats([2, 2]) }, body: ({ x }) => tf.mul(x!, tf.fill([2, 2], 3)) },
  {
    kernel: 'Range',
    inputs: { x: floats([4]) },
    body: ({ x }) => [tf.mul(x!, tf.range(1, 3, 0.5)), tf.range(5, 1, 1, 'int32')],
  },

  {
    kernel: 'Barrier',
    inputs: { x: floats([3, 4]), y: floats([2, 5]) },
    body: ({ x, y }) => tf.engine().runKernel<tf.Tensor>('Barrier', { x: x!, after0: y!, after1: tf.mul(y!, 2) }),
  },
  {
    // Engines drop different elements, except at a rate of 0 (none) or almost 1 (all).
    kernel: 'DropoutMask',
    inputs: { seed: ofInts([2], [5, -6]) },
    body: ({ seed }) =>
      [0, 0.999999].map((rate) =>
        tf.minimum(
          tf.engine().runKernel<tf.Tensor>('DropoutMask', { seed: seed! }, { shape: [3, 4], rate, index: 2 }),
          1,
        ),
      ),
  },
  {
    kernel: 'SparseSoftmaxCrossEntropy',
    inputs: { logits: floats([6, 11], -5, 5), labels: ints([6], 0, 11) },
    body: ({ logits, labels }) =>
      tf.engine().runKernel<tf.Tensor[]>('SparseSoftmaxCrossEntropy', { logits: logits!, labels: labels! }),
  },
];
