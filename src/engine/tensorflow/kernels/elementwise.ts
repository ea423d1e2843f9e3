import { castTo, scalarLike, type Kernel, type Kernels } from '../capture/kernel.ts';

const binary =
  (type: string): Kernel =>
  (graph, { a, b }) =>
    graph.node(type, [a!, b!]);
const unary =
  (type: string): Kernel =>
  (graph, { x }) =>
    graph.node(type, [x!]);

/** Kernels that TensorFlow has under the same name. */
const sameName = {
  binary: [
    'Sub',
    'RealDiv',
    'FloorDiv',
    'Maximum',
    'Minimum',
    'Pow',
    'SquaredDifference',
    'Atan2',
    'Greater',
    'GreaterEqual',
    'Less',
    'LessEqual',
    'Equal',
    'NotEqual',
    'LogicalAnd',
    'LogicalOr',
  ],
  unary: [
    'Abs',
    'Neg',
    'Sign',
    'Exp',
    'Expm1',
    'Log',
    'Log1p',
    'Sqrt',
    'Rsqrt',
    'Square',
    'Reciprocal',
    'Tanh',
    'Sigmoid',
    'Erf',
    'Sin',
    'Cos',
    'Tan',
    'Floor',
    'Ceil',
    'Round',
    'Softplus',
    'IsNan',
    'IsInf',
    'IsFinite',
    'LogicalNot',
    'Relu',
    'Relu6',
    'Elu',
    'Selu',
    'OnesLike',
    'ZerosLike',
  ],
};

export const elementwiseKernels: Kernels = {
  ...Object.fromEntries(sameName.binary.map((name) => [name, binary(name)])),
  ...Object.fromEntries(sameName.unary.map((name) => [name, unary(name)])),
  Add: binary('AddV2'),
  Multiply: binary('Mul'),
  Mod: binary('FloorMod'),
  Identity: (_, { x }) => x!,
  AddN: (graph, inputs) =>
    Object.keys(inputs).length === 1 ? inputs['0']! : graph.node('AddN', [Object.values(inputs)]),
  // tfjs casts a float32 to a float32 where it isn't sure; a bfloat16 stays what it is then.
  Cast: (graph, { x }, { dtype }) =>
    x!.dtype === 'bfloat16' && dtype === 'float32' ? x! : castTo(graph, x!, dtype as 'float32' | 'int32' | 'bool'),
  ClipByValue: (graph, { x }, { clipValueMin, clipValueMax }) =>
    graph.node('ClipByValue', [
      x!,
      scalarLike(graph, x!, clipValueMin as number),
      scalarLike(graph, x!, clipValueMax as number),
    ]),
  LeakyRelu: (graph, { x }, { alpha }) =>
    graph.node('LeakyRelu', [x!], { alpha: { kind: 'float', value: alpha as number } }),
  // The derivative of Relu: 1 above 0, else alpha.
  Step: (graph, { x }, { alpha }) =>
    graph.node('SelectV2', [
      graph.node('Greater', [x!, scalarLike(graph, x!, 0)]),
      scalarLike(graph, x!, 1),
      scalarLike(graph, x!, (alpha as number | undefined) ?? 0),
    ]),
  Select: (graph, { condition, t, e }) => graph.node('SelectV2', [condition!, t!, e!]),
};
