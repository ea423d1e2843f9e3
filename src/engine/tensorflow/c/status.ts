import type { CApi, Pointer } from './api.ts';

/** Names of the TF_Codes that users see. */
const codeNames: Record<number, string> = {
  3: 'invalid argument',
  5: 'not found',
  8: 'out of memory',
  9: 'failed precondition',
  12: 'not implemented',
  13: 'internal error',
};

/** Runs one C call with a status of its own. An error status is thrown as an Error that begins with `what`. */
export function checked<T>(api: CApi, what: string | (() => string), call: (status: Pointer<'status'>) => T): T {
  const status = api.TF_NewStatus();
  try {
    const result = call(status);
    throwIfBad(api, what, status);
    return result;
  } finally {
    api.TF_DeleteStatus(status);
  }
}

export function throwIfBad(api: CApi, what: string | (() => string), status: Pointer<'status'>): void {
  const code = api.TF_GetCode(status);
  if (code === 0) return;
  const name = codeNames[code] ?? `code ${code}`;
  throw new Error(`${typeof what === 'string' ? what : what()}: TensorFlow says (${name}) ${api.TF_Message(status)}`);
}
