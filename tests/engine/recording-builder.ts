import type { GraphBuilder, GraphValue } from '../../src/engine/capture/graph-builder.ts';
import type { DType } from '../../src/engine/dtype.ts';

export interface RecordingBuilder extends GraphBuilder {
  /** `%2 = add %0 %1 : float32[2,3]`, in the order in which they were built */
  readonly lines: string[];
  parameter(dtype: DType, shape: number[]): GraphValue;
}

/** A minimal builder: it records operations as text and infers the dtypes and shapes that kernels read. */
export function recordingBuilder(): RecordingBuilder {
  const lines: string[] = [];
  const names = new Map<GraphValue, string>();

  const emit = (text: string, inputs: GraphValue[], dtype: DType, shape: readonly number[]): GraphValue => {
    const value = { dtype, shape: [...shape] };
    names.set(value, `%${names.size}`);
    const operands = inputs.map((input) => names.get(input) ?? 'a value of another builder');
    lines.push(`${[`${names.get(value)} =`, text, ...operands].join(' ')} : ${dtype}[${shape}]`);
    return value;
  };
  const like = (text: string, x: GraphValue, shape: readonly number[] = x.shape): GraphValue =>
    emit(text, [x], x.dtype, shape);
  /** The shape of `x`, with the lengths of some axes replaced. */
  const withAxes = (x: GraphValue, change: (length: number, axis: number) => number): number[] => x.shape.map(change);
  const inserted = (x: GraphValue, axis: number, length: number): number[] => {
    const index = axis < 0 ? axis + x.shape.length + 1 : axis;
    return [...x.shape.slice(0, index), length, ...x.shape.slice(index)];
  };
  const without = (x: GraphValue, axes: readonly number[]): number[] =>
    x.shape.filter((_, axis) => !axes.some((other) => other === axis || other + x.shape.length === axis));

  const builder: RecordingBuilder = {
    lines,
    parameter: (dtype, shape) => emit('parameter', [], dtype, shape),

    constant: (values, shape, dtype) => emit(`constant ${values.join(',')}`, [], dtype, shape),
    scalar: (value, dtype) => emit(`scalar ${value}`, [], dtype, []),
    fill: (value, shape, dtype) => emit(`fill ${value}`, [], dtype, shape),
    iota: (length) => emit('iota', [], 'int32', [length]),

    unary: (op, x) => emit(op, [x], op.startsWith('is') ? 'bool' : x.dtype, x.shape),
    binary: (op, a, b) => emit(op, [a, b], a.dtype, broadcast(a.shape, b.shape)),
    addMany: (values) => emit('addMany', values, values[0]!.dtype, values[0]!.shape),
    compare: (op, a, b) => emit(op, [a, b], 'bool', broadcast(a.shape, b.shape)),
    select: (condition, yes, no) =>
      emit('select', [condition, yes, no], yes.dtype, broadcast(condition.shape, broadcast(yes.shape, no.shape))),
    cast: (x, dtype) => (x.dtype === dtype ? x : emit('cast', [x], dtype, x.shape)),
    clamp: (x, low, high) => like(`clamp ${low} ${high}`, x),
    leakyRelu: (x, slope) => like(`leakyRelu ${slope}`, x),

    matMul(a, b, transpose) {
      const rows = a.shape.at(transpose.a ? -1 : -2)!;
      const columns = b.shape.at(transpose.b ? -2 : -1)!;
      const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
      const text = `matMul${transpose.a ? ' aT' : ''}${transpose.b ? ' bT' : ''}`;
      return emit(text, [a, b], a.dtype, [...batch, rows, columns]);
    },
    reduce: (op, x, axes, keepDims) =>
      like(
        `reduce ${op} [${axes}]`,
        x,
        keepDims ? withAxes(x, (length, axis) => (axes.includes(axis) ? 1 : length)) : without(x, axes),
      ),
    argReduce: (op, x, axis) => emit(`argReduce ${op} ${axis}`, [x], 'int32', without(x, [axis])),
    cumulative: (op, x, axis) => like(`cumulative ${op} ${axis}`, x),
    topK(x, k) {
      const shape = [...x.shape.slice(0, -1), k];
      return [like(`topK values ${k}`, x, shape), emit(`topK indices ${k}`, [x], 'int32', shape)];
    },
    softmax: (x) => like('softmax', x),
    logSoftmax: (x) => like('logSoftmax', x),

    reshape(x, shape) {
      const rest = sizeOf(x.shape) / sizeOf(shape.filter((length) => length !== -1));
      return like(
        'reshape',
        x,
        shape.map((length) => (length === -1 ? rest : length)),
      );
    },
    expandDims: (x, axis) => like(`expandDims ${axis}`, x, inserted(x, axis, 1)),
    transpose: (x, permutation) =>
      like(
        `transpose [${permutation}]`,
        x,
        permutation.map((axis) => x.shape[axis]!),
      ),
    reverse: (x, axes) => like(`reverse [${axes}]`, x),
    broadcastTo: (x, shape) => like('broadcastTo', x, shape),
    tile: (x, repeats) =>
      like(
        `tile [${repeats}]`,
        x,
        withAxes(x, (length, axis) => length * repeats[axis]!),
      ),
    pad: (x, paddings, value) =>
      like(
        `pad [${paddings.join(' ')}] ${value}`,
        x,
        withAxes(x, (length, axis) => paddings[axis]![0] + length + paddings[axis]![1]),
      ),
    concatenate(parts, axis) {
      const total = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
      const shape = withAxes(parts[0]!, (length, other) => (other === axis ? total : length));
      return emit(`concatenate ${axis}`, parts, parts[0]!.dtype, shape);
    },
    stack: (parts, axis) => emit(`stack ${axis}`, parts, parts[0]!.dtype, inserted(parts[0]!, axis, parts.length)),
    unstack: (x, axis) =>
      Array.from({ length: x.shape[axis]! }, (_, index) => like(`unstack ${axis} at ${index}`, x, without(x, [axis]))),
    split: (x, sizes, axis) =>
      sizes.map((size, index) =>
        like(
          `split ${axis} at ${index}`,
          x,
          withAxes(x, (length, other) => (other === axis ? size : length)),
        ),
      ),

    slice: (x, begin, sizes) => like(`slice [${begin}]`, x, sizes),
    stridedSlice: () => {
      throw new Error('not implemented: no kernel needs it');
    },
    gather(x, indices, { axis, batchDims }) {
      const shape = [...x.shape.slice(0, axis), ...indices.shape.slice(batchDims), ...x.shape.slice(axis + 1)];
      return emit(`gather ${axis}`, [x, indices], x.dtype, shape);
    },
    gatherNd: (x, indices) =>
      emit('gatherNd', [x, indices], x.dtype, [...indices.shape.slice(0, -1), ...x.shape.slice(indices.shape.at(-1))]),
    scatterNd: (indices, updates, shape) => emit('scatterNd', [indices, updates], updates.dtype, shape),
    scatterUpdate: (x, indices, updates) => emit('scatterUpdate', [x, indices, updates], x.dtype, x.shape),
    segmentSum: (x, segmentIds, segments) =>
      emit('segmentSum', [x, segmentIds], x.dtype, [segments, ...x.shape.slice(segmentIds.shape.length)]),
    oneHot: (indices, { depth, on, off, dtype }) =>
      emit(`oneHot ${on} ${off}`, [indices], dtype, [...indices.shape, depth]),

    randomUniform: (seed, shape) => emit('randomUniform', [seed], 'float32', shape),
    barrier: (x, after) => emit('barrier', [x, ...after], x.dtype, x.shape),
    fuse: (name, inputs, build) => {
      lines.push(`begin ${name}`);
      const results = build(builder, inputs);
      lines.push(`end ${name}`);
      return results;
    },
  };
  return builder;
}

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const [m, n] = [a[a.length - rank + axis] ?? 1, b[b.length - rank + axis] ?? 1];
    if (m !== n && m !== 1 && n !== 1) throw new Error(`[${a}] and [${b}] cannot be broadcast`);
    return m === 1 ? n : m;
  });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
