import { product } from '../numbers/product.ts';
import type { Signature, Variable } from './engine.ts';

type Values = Record<string, Int32Array | Float32Array>;

/** Throws unless every input is given, none is unknown, and each has the signature's dtype and element count. */
export function checkInputs(name: string, signature: Signature, inputs: Values): void {
  for (const key of Object.keys(inputs)) {
    if (!(key in signature.inputs)) throw new Error(`program ${name} has no input ${key}`);
  }
  for (const [key, { shape, dtype }] of Object.entries(signature.inputs)) {
    const values = inputs[key];
    if (values === undefined) throw new Error(`program ${name} is missing its input ${key}`);
    const given = values instanceof Int32Array ? 'int32' : 'float32';
    if (given !== dtype || values.length !== product(shape)) {
      throw new Error(
        `input ${key} of program ${name} is ${dtype} [${shape}], but was given ${values.length} values of ${given}`,
      );
    }
  }
}

export function checkVariableValue(variable: Variable, value: Float32Array): void {
  if (value.length !== product(variable.shape)) {
    throw new Error(`variable ${variable.name} has shape [${variable.shape}], but was given ${value.length} values`);
  }
}
