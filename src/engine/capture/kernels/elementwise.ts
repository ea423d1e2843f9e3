import type { DType } from '../../dtype.ts';
import type { BinaryOp, CompareOp, UnaryOp } from '../graph-builder.ts';
import type { Kernel, Kernels } from '../kernel.ts';

const unary =
  (op: UnaryOp): Kernel =>
  (graph, { x }) =>
    graph.unary(op, x!);

const binary =
  (op: BinaryOp): Kernel =>
  (graph, { a, b }) =>
    graph.binary(op, a!, b!);

const compare =
  (op: CompareOp): Kernel =>
  (graph, { a, b }) =>
    graph.compare(op, a!, b!);

export const elementwiseKernels: Kernels = {
  Add: binary('add'),
  Sub: binary('subtract'),
  Multiply: binary('multiply'),
  RealDiv: binary('divide'),
  FloorDiv: binary('floorDivide'),
  Mod: binary('floorModulo'),
  Maximum: binary('maximum'),
  Minimum: binary('minimum'),
  Pow: binary('power'),
  SquaredDifference: binary('squaredDifference'),
  Atan2: binary('atan2'),
  LogicalAnd: binary('logicalAnd'),
  LogicalOr: binary('logicalOr'),

  Greater: compare('greater'),
  GreaterEqual: compare('greaterEqual'),
  Less: compare('less'),
  LessEqual: compare('lessEqual'),
  Equal: compare('equal'),
  NotEqual: compare('notEqual'),

  Abs: unary('abs'),
  Neg: unary('negate'),
  Sign: unary('sign'),
  Exp: unary('exp'),
  Expm1: unary('expm1'),
  Log: unary('log'),
  Log1p: unary('log1p'),
  Sqrt: unary('sqrt'),
  Rsqrt: unary('rsqrt'),
  Square: unary('square'),
  Reciprocal: unary('reciprocal'),
  Tanh: unary('tanh'),
  Sigmoid: unary('sigmoid'),
  Erf: unary('erf'),
  Sin: unary('sin'),
  Cos: unary('cos'),
  Tan: unary('tan'),
  Floor: unary('floor'),
  Ceil: unary('ceil'),
  Round: unary('round'),
  Softplus: unary('softplus'),
  IsNan: unary('isNan'),
  IsInf: unary('isInf'),
  IsFinite: unary('isFinite'),
  LogicalNot: unary('logicalNot'),
  Relu: unary('relu'),
  Relu6: unary('relu6'),
  Elu: unary('elu'),
  Selu: unary('selu'),
  OnesLike: unary('onesLike'),
  ZerosLike: unary('zerosLike'),

  Identity: (_, { x }) => x!,
  AddN: (graph, inputs) => (Object.keys(inputs).length === 1 ? inputs['0']! : graph.addMany(Object.values(inputs))),
  // tfjs also casts float32 to float32 where it is not sure of the dtype. A bfloat16 stays one then.
  Cast: (graph, { x }, { dtype }) =>
    x!.dtype === 'bfloat16' && dtype === 'float32' ? x! : graph.cast(x!, dtype as DType),
  ClipByValue: (graph, { x }, { clipValueMin, clipValueMax }) =>
    graph.clamp(x!, clipValueMin as number, clipValueMax as number),
  LeakyRelu: (graph, { x }, { alpha }) => graph.leakyRelu(x!, alpha as number),
  // The derivative of Relu: 1 above 0, else alpha.
  Step: (graph, { x }, { alpha }) =>
    graph.select(
      graph.compare('greater', x!, graph.scalar(0, x!.dtype)),
      graph.scalar(1, x!.dtype),
      graph.scalar((alpha as number | undefined) ?? 0, x!.dtype),
    ),
  Select: (graph, { condition, t, e }) => graph.select(condition!, t!, e!),
};
