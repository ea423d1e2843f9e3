import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import { checkedBody } from '../check-body.ts';
import { checkInputs, checkVariableValue } from '../check-values.ts';
import type { Body, Engine, Program, Signature, Variable } from '../engine.ts';
import { noBfloat16, registerCustomKernels } from './custom-kernels.ts';
import { installableTfjsBackends } from './backends.ts';

/**
 * The reference engine: runs each body op by op on the best tfjs backend that is installed beside this package
 * (`@tensorflow/tfjs-node-gpu`, `@tensorflow/tfjs-node`, else plain JavaScript). Blocks the event loop during a call.
 */
export async function openTfjsEngine(): Promise<Engine> {
  const backend = await chooseBackend();
  registerCustomKernels(backend.name);
  const values = new Map<Variable, tf.Tensor>();
  const programs = new Set<Program>();
  let open = true;

  const onBackend = <T>(action: () => T): T => {
    if (!open) throw new Error('the tfjs engine is closed');
    if (tf.getBackend() !== backend.name) void tf.setBackend(backend.name);
    return action();
  };
  const valueOf = (variable: Variable): tf.Tensor => {
    const value = values.get(variable);
    if (value === undefined) throw new Error(`variable ${variable.name} belongs to another engine`);
    return value;
  };
  const replace = (variable: Variable, value: tf.Tensor): void => {
    values.get(variable)?.dispose();
    values.set(variable, tf.keep(value));
  };

  return {
    name: 'tfjs',
    description: `tfjs ${tf.version_core}, op by op on ${backend.description}`,

    variable(name, shape, value, precision = 'fp32') {
      if (precision === 'bf16') throw noBfloat16();
      const variable: Variable = { name, shape: [...shape], precision };
      checkVariableValue(variable, value);
      onBackend(() => replace(variable, tf.tensor(value.slice(), shape, 'float32')));
      return variable;
    },

    declare(name, shape, precision = 'fp32') {
      if (precision === 'bf16') throw noBfloat16();
      const variable: Variable = { name, shape: [...shape], precision };
      onBackend(() => replace(variable, tf.zeros(shape)));
      return variable;
    },

    async read(variable) {
      return onBackend(() => Float32Array.from(valueOf(variable).dataSync()));
    },

    write(variable, value) {
      valueOf(variable);
      checkVariableValue(variable, value);
      onBackend(() => replace(variable, tf.tensor(value.slice(), variable.shape, 'float32')));
    },

    compile(name, signature, body) {
      Object.values(signature.variables).forEach(valueOf);
      let usable = true;
      const program: Program = {
        prepare: async () => {},
        async call(inputs) {
          if (!usable) throw new Error(`program ${name} is closed`);
          checkInputs(name, signature, inputs);
          return onBackend(() => runOnce(name, signature, body, inputs, valueOf, replace));
        },
        close() {
          usable = false;
          programs.delete(program);
        },
      };
      programs.add(program);
      return program;
    },

    close() {
      for (const program of [...programs]) program.close();
      for (const value of values.values()) value.dispose();
      values.clear();
      open = false;
    },
  };
}

function runOnce(
  name: string,
  signature: Signature,
  body: Body,
  inputs: Record<string, Int32Array | Float32Array>,
  valueOf: (variable: Variable) => tf.Tensor,
  replace: (variable: Variable, value: tf.Tensor) => void,
): Record<string, Float32Array> {
  const outputs: Record<string, Float32Array> = {};
  tf.tidy(() => {
    const inputTensors = mapValues(signature.inputs, ({ shape, dtype }, key) =>
      tf.tensor(inputs[key]!.slice(), shape, dtype),
    );
    // Clones, so that a body that disposes its inputs does not dispose the engine's values.
    const variableTensors = mapValues(signature.variables, (variable) => tf.clone(valueOf(variable)));
    const result = checkedBody(name, signature, body)(inputTensors, variableTensors);
    for (const [key, tensor] of Object.entries(result.outputs)) outputs[key] = Float32Array.from(tensor.dataSync());
    // All new values are computed before the first is assigned, so none is computed from another new value.
    for (const [key, tensor] of Object.entries(result.assign)) replace(signature.variables[key]!, tf.clone(tensor));
  });
  return outputs;
}

/** Both native packages register a backend named `tensorflow` in the tfjs engine that all copies of tfjs-core share. */
async function chooseBackend(): Promise<{ name: string; description: string }> {
  for (const name of installableTfjsBackends) {
    if ((await isLoaded(name)) && worksOn('tensorflow')) return { name: 'tensorflow', description: name };
  }
  await import('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  // Else it prints nine lines on stderr that recommend the packages above; `description` says it in one word.
  (tf.backend() as tf.KernelBackend & { firstUse?: boolean }).firstUse = false;
  return { name: 'cpu', description: '@tensorflow/tfjs-backend-cpu (plain JavaScript, slow)' };
}

async function isLoaded(name: string): Promise<boolean> {
  try {
    await import(name);
    return true;
  } catch {
    return false;
  }
}

/** The published bindings call functions that newer Nodes lack. They load all the same, so try an addition. */
function worksOn(backendName: string): boolean {
  try {
    void tf.setBackend(backendName);
    return tf.tidy(() => tf.add(tf.scalar(1), tf.scalar(2)).dataSync()[0]) === 3;
  } catch {
    return false;
  }
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A, key: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
