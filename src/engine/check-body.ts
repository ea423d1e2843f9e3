import type { Tensor } from '@tensorflow/tfjs-core';
import type { Body, Signature } from './engine.ts';

/** The same body, with its result checked against the signature, so that both engines report the same errors early. */
export function checkedBody(
  name: string,
  signature: Signature,
  body: Body,
): (...given: Parameters<Body>) => Required<ReturnType<Body>> {
  return (inputs, variables) => {
    const { outputs, assign = {} } = body(inputs, variables);
    for (const [key, tensor] of Object.entries(assign)) checkAssignment(name, signature, key, tensor);
    for (const [key, tensor] of Object.entries(outputs)) {
      if (tensor === undefined || tensor.dtype === 'string')
        throw new Error(`program ${name}: output ${key} is not a numeric tensor`);
    }
    return { outputs, assign };
  };
}

function checkAssignment(name: string, signature: Signature, key: string, tensor: Tensor): void {
  const variable = signature.variables[key];
  if (variable === undefined) throw new Error(`program ${name} assigns ${key}, which is not among its variables`);
  if (tensor.dtype !== 'float32' || tensor.shape.join() !== variable.shape.join()) {
    throw new Error(
      `program ${name} assigns ${tensor.dtype} [${tensor.shape}] to ${key}, which is float32 [${variable.shape}]`,
    );
  }
}
