import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { bfloat16Of } from '../../numbers/bfloat16.ts';
import { captureBackend } from '../capture/kernels/register-kernels.ts';
import { checkInputs, checkVariableValue } from '../check-values.ts';
import { dtypeOfVariable } from '../dtype.ts';
import type { Engine, Program, Signature, Variable } from '../engine.ts';
import { computeDeterministically } from './gpu-determinism.ts';
import { openProgramCache } from './program-cache.ts';
import type { Device } from './install/system.ts';
import { captureFunction, type CapturedFunction } from './graph/capture-function.ts';
import { openEagerContext, type EagerContext, type Handle } from './eager-context.ts';
import { endProcessCleanly } from './c/end-process.ts';
import type { Attributes } from './c/attributes.ts';
import { loadTensorFlow, type TensorFlowLibrary } from './c/load-library.ts';
import { openSerialQueue } from './serial-queue.ts';
import { checked } from './c/status.ts';
import { product } from '../../numbers/product.ts';

export interface TensorFlowOptions {
  /** folder with TensorFlow's two libraries */
  libraryDir: string;
  /** threads inside one op; the first engine of a process decides for all engines */
  threads: number;
  /** whether XLA compiles programs, at their first call; otherwise they run as a graph, op by op */
  xla: boolean;
  /** where programs run and variables are stored; default: the CPU */
  device?: Device;
  /** what compiled programs depend on besides their graphs; if given, programs of earlier processes are reused */
  environment?: Record<string, string>;
}

/** Captures each body once into a TensorFlow graph and runs it as one call, on a worker thread. */
export async function openTensorFlowEngine(options: TensorFlowOptions): Promise<Engine> {
  if (options.device === 'gpu') computeDeterministically();
  // Not for a GPU: TensorFlow's cache has never been tried with one.
  const cache = options.device === 'gpu' ? undefined : options.environment && openProgramCache(options.environment);
  const loading = loadTensorFlow(options.libraryDir);
  cache?.fill();
  const library = await loading;
  const { api } = library;
  const context = openEagerContext(library, options.threads, options.device);
  const backend = captureBackend();
  const queue = openSerialQueue();
  const inFlight = endProcessCleanly(library);
  const handles = new Map<Variable, Handle>();
  const programs = new Set<Program>();
  let open = true;
  let compiled = 0;
  let writeFailure: unknown;

  const checkOpen = (): void => {
    if (!open) throw new Error('the TensorFlow engine is closed');
  };
  const handleOf = (variable: Variable): Handle => {
    const handle = handles.get(variable);
    if (handle === undefined) throw new Error(`variable ${variable.name} belongs to another engine`);
    return handle;
  };

  return {
    name: 'tensorflow',
    description: `TensorFlow ${api.TF_Version()}, ${options.device === 'gpu' ? 'GPU' : 'CPU'}, ${options.threads} threads, ${options.xla ? 'XLA' : 'graph'}`,

    variable(name, shape, value, precision = 'fp32') {
      checkOpen();
      const variable: Variable = { name, shape: [...shape], precision };
      checkVariableValue(variable, value);
      const handle = newVariable(context, `${name}/${handles.size}`, variable);
      handles.set(variable, handle);
      assignValue(context, handle, variable, value);
      return variable;
    },

    declare(name, shape, precision = 'fp32') {
      checkOpen();
      const variable: Variable = { name, shape: [...shape], precision };
      handles.set(variable, newVariable(context, `${name}/${handles.size}`, variable));
      return variable;
    },

    read(variable) {
      checkOpen();
      return queue.add(() => readValue(context, handleOf(variable), variable));
    },

    write(variable, value) {
      checkOpen();
      checkVariableValue(variable, value);
      const handle = handleOf(variable);
      if (queue.idle) return assignValue(context, handle, variable, value);
      const copy = value.slice();
      queue.add(() => assignValue(context, handle, variable, copy)).catch((error: unknown) => (writeFailure = error));
    },

    compile(name, signature, body, compiler = options.xla ? 'xla' : 'graph') {
      checkOpen();
      const variableHandles = Object.values(signature.variables).map(handleOf);
      const captured = captureFunction(library, backend, {
        name: `${name}_${compiled++}`,
        program: name,
        signature,
        body,
        compiler,
      });
      for (const definition of captured.fused) addFunction(library, context, definition);
      addFunction(library, context, captured);
      const attributes: Attributes = compiler === 'xla' ? { _XlaMustCompile: { kind: 'bool', value: true } } : {};
      let usable = true;
      let called = false;
      let preparing: Promise<void> | undefined;

      const program: Program = {
        async prepare() {
          // A call with other variables, whose results are dropped: XLA's programs depend on shapes only.
          if (compiler !== 'xla' || !usable) return;
          preparing = inFlight(() => callWithBlanks(context, captured, signature, attributes)).finally(() => {
            cache?.keep();
            preparing = undefined;
          });
          preparing.catch(() => {}); // the first call fails in the same way
          return preparing;
        },
        async call(inputs) {
          if (!usable) throw new Error(`program ${name} is closed`);
          checkInputs(name, signature, inputs);
          const given = inputHandles(context, signature, inputs);
          return queue.add(async () => {
            try {
              await preparing?.catch(() => {});
              if (writeFailure) throw writeFailure;
              if (!usable) throw new Error(`program ${name} was closed before its call began`);
              return await inFlight(() => callFunction(context, captured, [...given, ...variableHandles], attributes));
            } finally {
              if (!called) cache?.keep();
              called = true;
              given.forEach(context.deleteHandle);
            }
          });
        },
        close() {
          if (!usable) return;
          usable = false;
          programs.delete(program);
          // After the calls that are already queued.
          void queue.add(async () => {
            await preparing?.catch(() => {});
            [captured, ...captured.fused].forEach((definition) => removeFunction(library, context, definition));
          });
        },
      };
      programs.add(program);
      return program;
    },

    close() {
      if (!open) return;
      for (const program of [...programs]) program.close();
      open = false;
      void queue.add(() => {
        for (const handle of handles.values()) destroyVariable(context, handle);
        handles.clear();
        context.close();
      });
    },
  };
}

function addFunction(
  { api }: TensorFlowLibrary,
  context: EagerContext,
  { pointer, name }: Pick<CapturedFunction, 'pointer' | 'name'>,
): void {
  try {
    checked(api, `function ${name}`, (status) => api.TFE_ContextAddFunction(context.pointer, pointer, status));
  } finally {
    api.TF_DeleteFunction(pointer);
  }
}

function removeFunction(
  { api }: TensorFlowLibrary,
  context: EagerContext,
  { name }: Pick<CapturedFunction, 'name'>,
): void {
  checked(api, `function ${name}`, (status) => api.TFE_ContextRemoveFunction(context.pointer, name, status));
}

function inputHandles(
  context: EagerContext,
  signature: Signature,
  inputs: Record<string, Int32Array | Float32Array>,
): Handle[] {
  return Object.entries(signature.inputs).map(([key, { shape, dtype }]) =>
    context.handleOf(inputs[key]!, shape, dtype),
  );
}

/** Calls a function with inputs that are zero and variables of the right shapes, whose memory nobody has filled. */
async function callWithBlanks(
  context: EagerContext,
  captured: CapturedFunction,
  signature: Signature,
  attributes: Attributes,
): Promise<void> {
  const inputs = Object.values(signature.inputs).map(({ shape, dtype }) => {
    const length = product(shape);
    return context.handleOf(dtype === 'int32' ? new Int32Array(length) : new Float32Array(length), shape, dtype);
  });
  const variables = Object.values(signature.variables).map((variable, index) => {
    const handle = newVariable(context, `blank/${captured.name}/${index}`, variable);
    assignHandle(context, handle, variable, context.unfilledHandle(variable.shape, dtypeOfVariable(variable)));
    return handle;
  });
  try {
    await callFunction(context, captured, [...inputs, ...variables], attributes);
  } finally {
    inputs.forEach(context.deleteHandle);
    for (const variable of variables) destroyVariable(context, variable);
  }
}

async function callFunction(
  context: EagerContext,
  captured: CapturedFunction,
  parameters: Handle[],
  attributes: Attributes,
): Promise<Record<string, Float32Array>> {
  const results = await context
    .runInBackground(captured.name, parameters, captured.outputs.length, attributes)
    .catch((error: unknown) => Promise.reject(withOp(captured, error)));
  try {
    return Object.fromEntries(
      captured.outputs.map(({ key, shape, dtype }, index) => [key, context.valuesOf(results[index]!, shape, dtype)]),
    );
  } finally {
    results.forEach(context.deleteHandle);
  }
}

/** Adds the inputs of the failed op to the error; TensorFlow gives only the name of its node. */
function withOp(captured: CapturedFunction, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const node = /\{\{node (?:\S*\/)?(\w+)\}\}/.exec(error.message)?.[1];
  const where = node ? `\n  in ${captured.describe(node) ?? node}` : '';
  const message = error.message
    .replace(/\s*\[\[\{\{node \S+\}\}\]\]/g, '')
    .replace(/\{\{function_node \S+\}\} /g, '')
    .trim();
  return new Error(`program ${captured.program}${message.slice(captured.name.length)}${where}`, { cause: error });
}

function newVariable(context: EagerContext, sharedName: string, variable: Variable): Handle {
  const [handle] = context.run('VarHandleOp', [], 1, {
    dtype: { kind: 'type', value: dtypeOfVariable(variable) },
    shape: { kind: 'shape', value: variable.shape },
    shared_name: { kind: 'string', value: sharedName },
    container: { kind: 'string', value: '' },
  });
  return handle!;
}

function assignValue(context: EagerContext, handle: Handle, variable: Variable, value: Float32Array): void {
  const dtype = dtypeOfVariable(variable);
  const newValue = context.handleOf(dtype === 'bfloat16' ? bfloat16Of(value) : value, variable.shape, dtype);
  assignHandle(context, handle, variable, newValue);
}

function assignHandle(context: EagerContext, handle: Handle, variable: Variable, newValue: Handle): void {
  try {
    const dtype = { kind: 'type', value: dtypeOfVariable(variable) } as const;
    context.run('AssignVariableOp', [handle, newValue], 0, { dtype });
  } finally {
    context.deleteHandle(newValue);
  }
}

function readValue(context: EagerContext, handle: Handle, variable: Variable): Float32Array {
  const dtype = dtypeOfVariable(variable);
  const [value] = context.run('ReadVariableOp', [handle], 1, { dtype: { kind: 'type', value: dtype } });
  try {
    return context.valuesOf(value!, variable.shape, dtype);
  } finally {
    context.deleteHandle(value!);
  }
}

function destroyVariable(context: EagerContext, handle: Handle): void {
  context.run('DestroyResourceOp', [handle], 0, {});
  context.deleteHandle(handle);
}
