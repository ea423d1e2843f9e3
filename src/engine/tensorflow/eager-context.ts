import { calledAs } from '../../files/called-as.ts';
import { float32Of } from '../../numbers/bfloat16.ts';
import { product } from '../../numbers/product.ts';
import type { DType } from '../dtype.ts';
import type { Pointer } from './c/api.ts';
import { configProto } from './c/config-proto.ts';
import { setEagerAttributes, type Attributes } from './c/attributes.ts';
import { emptyArrayOf } from './c/dtype.ts';
import type { TensorFlowLibrary } from './c/load-library.ts';
import { checked, throwIfBad } from './c/status.ts';
import { newTensor, unfilledTensor } from './c/tensors.ts';

export type Handle = Pointer<'tensor handle'>;

/** TensorFlow's eager context on one device. Runs single ops, and functions that were added to it, on tensor handles. */
export interface EagerContext {
  readonly pointer: Pointer<'context'>;
  /** A handle on a copy of `values`; the caller deletes it. */
  handleOf(values: ArrayBufferView, shape: readonly number[], dtype: DType): Handle;
  /** A handle on memory that has not been filled; the caller deletes it. */
  unfilledHandle(shape: readonly number[], dtype: DType): Handle;
  /** A copy of the handle's values; integers and bools become floats. */
  valuesOf(handle: Handle, shape: readonly number[], dtype: DType): Float32Array;
  deleteHandle(handle: Handle): void;
  /** Runs an op on this thread. */
  run(type: string, inputs: Handle[], resultCount: number, attributes?: Attributes): Handle[];
  /** Runs an op on a worker thread. */
  runInBackground(type: string, inputs: Handle[], resultCount: number, attributes: Attributes): Promise<Handle[]>;
  close(): void;
}

const HOST = '/job:localhost/replica:0/task:0/device:';

export function openEagerContext(
  library: TensorFlowLibrary,
  threads: number,
  device: 'cpu' | 'gpu' = 'cpu',
): EagerContext {
  const { api } = library;
  const context = newContext(library, threads, device);
  if (device === 'gpu') {
    try {
      checkGpu(library, context);
    } catch (error) {
      api.TFE_DeleteContext(context);
      throw error;
    }
  }
  const deviceName = `${HOST}${device.toUpperCase()}:0`;

  const newOp = (type: string, inputs: Handle[], attributes: Attributes): Pointer<'eager op'> => {
    const op = checked(api, type, (status) => api.TFE_NewOp(context, type, status));
    try {
      checked(api, type, (status) => api.TFE_OpSetDevice(op, deviceName, status));
      for (const input of inputs) checked(api, type, (status) => api.TFE_OpAddInput(op, input, status));
      setEagerAttributes(api, op, attributes);
      return op;
    } catch (error) {
      api.TFE_DeleteOp(op);
      throw error;
    }
  };

  const handleOn = (tensor: Pointer<'tensor'>): Handle => {
    try {
      return checked(api, 'new handle', (status) => api.TFE_NewTensorHandle(tensor, status));
    } finally {
      api.TF_DeleteTensor(tensor);
    }
  };

  return {
    pointer: context,

    handleOf: (values, shape, dtype) => handleOn(newTensor(library, values, shape, dtype)),

    unfilledHandle(shape, dtype) {
      const byteLength = product(shape) * emptyArrayOf(0, dtype).BYTES_PER_ELEMENT;
      return handleOn(unfilledTensor(library, byteLength, shape, dtype));
    },

    valuesOf(handle, shape, dtype) {
      const tensor = checked(api, 'read handle', (status) => api.TFE_TensorHandleResolve(handle, status));
      try {
        const values = emptyArrayOf(product(shape), dtype);
        const byteLength = api.TF_TensorByteSize(tensor);
        if (byteLength !== values.byteLength)
          throw new Error(`a result has ${byteLength} bytes, not the ${values.byteLength} of ${dtype} [${shape}]`);
        if (byteLength > 0) library.copyOut(values, api.TF_TensorData(tensor), byteLength);
        return values instanceof Float32Array
          ? values
          : values instanceof Uint16Array
            ? float32Of(values)
            : Float32Array.from(values);
      } finally {
        api.TF_DeleteTensor(tensor);
      }
    },

    deleteHandle: (handle) => api.TFE_DeleteTensorHandle(handle),

    run(type, inputs, resultCount, attributes = {}) {
      const op = newOp(type, inputs, attributes);
      try {
        const results = resultSlots(resultCount);
        checked(api, type, (status) => api.TFE_Execute(op, results, [resultCount], status));
        return results.slice(0, resultCount) as Handle[];
      } finally {
        api.TFE_DeleteOp(op);
      }
    },

    async runInBackground(type, inputs, resultCount, attributes) {
      const op = newOp(type, inputs, attributes);
      const status = api.TF_NewStatus();
      try {
        const results = resultSlots(resultCount);
        await new Promise<void>((resolve, reject) => {
          library.executeInBackground(op, results, [resultCount], status, (error) =>
            error ? reject(error) : resolve(),
          );
        });
        throwIfBad(api, type, status);
        return results.slice(0, resultCount) as Handle[];
      } finally {
        api.TF_DeleteStatus(status);
        api.TFE_DeleteOp(op);
      }
    },

    close: () => api.TFE_DeleteContext(context),
  };
}

function newContext(library: TensorFlowLibrary, threads: number, device: 'cpu' | 'gpu'): Pointer<'context'> {
  const { api } = library;
  const options = api.TFE_NewContextOptions();
  try {
    // One op at a time, on all threads: a step's ops are large, and their order must never change.
    const config = configProto({ intraOpThreads: threads, interOpThreads: 1, growGpuMemory: device === 'gpu' });
    checked(api, 'context options', (status) =>
      api.TFE_ContextOptionsSetConfig(options, config, config.length, status),
    );
    return checked(api, 'new context', (status) => api.TFE_NewContext(options, status));
  } finally {
    api.TFE_DeleteContextOptions(options);
  }
}

/** Throws a helpful message if there is no GPU, or if the library was built without GPU support. */
function checkGpu({ api }: TensorFlowLibrary, context: Pointer<'context'>): void {
  const devices = checked(api, 'device list', (status) => api.TFE_ContextListDevices(context, status));
  try {
    const types = Array.from({ length: api.TF_DeviceListCount(devices) }, (_, index) =>
      checked(api, 'device type', (status) => api.TF_DeviceListType(devices, index, status)),
    );
    if (types.includes('GPU')) return;
    throw new Error(
      `TensorFlow finds no GPU, only ${types.join(' and ')}: it needs an NVIDIA card with a driver, and the build for GPUs (\`${calledAs()} setup --gpu\`). To use the CPU, set RUNNER_DEVICE=cpu`,
    );
  } finally {
    api.TF_DeleteDeviceList(devices);
  }
}

/** Never empty, because koffi passes an empty array as a dangling pointer. */
function resultSlots(resultCount: number): (Handle | null)[] {
  return new Array<Handle | null>(Math.max(1, resultCount)).fill(null);
}
