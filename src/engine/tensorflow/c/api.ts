import type { LibraryHandle } from 'koffi';

/** An address in TensorFlow's memory. The tag keeps, say, an operation from being passed as a graph. */
export type Pointer<Kind extends string> = bigint & { readonly pointee: Kind };
type Status = Pointer<'status'>;
type Graph = Pointer<'graph'>;
type OperationDescription = Pointer<'operation description'>;
type Operation = Pointer<'operation'>;
type Function = Pointer<'function'>;
type CTensor = Pointer<'tensor'>;
type ContextOptions = Pointer<'context options'>;
type Context = Pointer<'context'>;
type DeviceList = Pointer<'device list'>;
type EagerOp = Pointer<'eager op'>;
type Handle = Pointer<'tensor handle'>;

/** TF_Output: the `index`-th result of an operation. */
export interface Output {
  oper: Operation;
  index: number;
}

/** The part of TensorFlow's C API that we call, under its own names (c_api.h, tf_tensor.h, eager/c_api.h). */
export interface CApi {
  TF_Version(): string;
  TF_NewStatus(): Status;
  TF_DeleteStatus(status: Status): void;
  TF_GetCode(status: Status): number;
  TF_Message(status: Status): string;

  TF_NewGraph(): Graph;
  TF_DeleteGraph(graph: Graph): void;
  TF_NewOperation(graph: Graph, type: string, name: string): OperationDescription;
  TF_AddInput(description: OperationDescription, input: Output): void;
  TF_AddInputList(description: OperationDescription, inputs: Output[], count: number): void;
  TF_AddControlInput(description: OperationDescription, operation: Operation): void;
  TF_SetAttrType(description: OperationDescription, name: string, value: number): void;
  TF_SetAttrBool(description: OperationDescription, name: string, value: number): void;
  TF_SetAttrInt(description: OperationDescription, name: string, value: bigint): void;
  TF_SetAttrFloat(description: OperationDescription, name: string, value: number): void;
  TF_SetAttrShape(description: OperationDescription, name: string, dims: BigInt64Array, count: number): void;
  TF_SetAttrTensor(description: OperationDescription, name: string, value: CTensor, status: Status): void;
  TF_SetAttrTypeList(description: OperationDescription, name: string, values: Int32Array, count: number): void;
  TF_SetAttrFuncName(description: OperationDescription, name: string, value: string, length: number): void;
  TF_FinishOperation(description: OperationDescription, status: Status): Operation;
  TF_OperationNumOutputs(operation: Operation): number;
  TF_OperationOutputType(output: Output): number;
  TF_GraphGetTensorNumDims(graph: Graph, output: Output, status: Status): number;
  TF_GraphGetTensorShape(graph: Graph, output: Output, dims: BigInt64Array, count: number, status: Status): void;
  TF_GraphToFunctionWithControlOutputs(
    graph: Graph,
    name: string,
    appendHash: number,
    operationCount: number,
    operations: null,
    inputCount: number,
    inputs: Output[],
    outputCount: number,
    outputs: Output[],
    outputNames: string[],
    controlCount: number,
    controls: Operation[],
    controlNames: string[],
    options: null,
    description: string,
    status: Status,
  ): Function;
  TF_DeleteFunction(func: Function): void;

  TF_AllocateTensor(dtype: number, dims: BigInt64Array, count: number, byteLength: number): CTensor;
  TF_TensorData(tensor: CTensor): Pointer<'data'>;
  TF_TensorByteSize(tensor: CTensor): number;
  TF_DeleteTensor(tensor: CTensor): void;

  TFE_NewContextOptions(): ContextOptions;
  TFE_ContextOptionsSetConfig(options: ContextOptions, proto: Uint8Array, byteLength: number, status: Status): void;
  TFE_DeleteContextOptions(options: ContextOptions): void;
  TFE_NewContext(options: ContextOptions, status: Status): Context;
  TFE_DeleteContext(context: Context): void;
  TFE_ContextListDevices(context: Context, status: Status): DeviceList;
  TF_DeviceListCount(devices: DeviceList): number;
  TF_DeviceListType(devices: DeviceList, index: number, status: Status): string;
  TF_DeleteDeviceList(devices: DeviceList): void;
  TFE_ContextAddFunction(context: Context, func: Function, status: Status): void;
  TFE_ContextRemoveFunction(context: Context, name: string, status: Status): void;
  TFE_NewOp(context: Context, name: string, status: Status): EagerOp;
  TFE_DeleteOp(op: EagerOp): void;
  TFE_OpSetDevice(op: EagerOp, device: string, status: Status): void;
  TFE_OpAddInput(op: EagerOp, input: Handle, status: Status): void;
  TFE_OpSetAttrBool(op: EagerOp, name: string, value: number): void;
  TFE_OpSetAttrType(op: EagerOp, name: string, value: number): void;
  TFE_OpSetAttrShape(op: EagerOp, name: string, dims: BigInt64Array, count: number, status: Status): void;
  TFE_OpSetAttrString(op: EagerOp, name: string, value: string, length: number): void;
  TFE_Execute(op: EagerOp, results: (Handle | null)[], resultCount: number[], status: Status): void;
  TFE_NewTensorHandle(tensor: CTensor, status: Status): Handle;
  TFE_TensorHandleResolve(handle: Handle, status: Status): CTensor;
  TFE_DeleteTensorHandle(handle: Handle): void;
}

/**
 * `TFE_Execute` on a worker thread, so the event loop keeps running. `done` gets errors of the call itself, not of the
 * op.
 */
export type ExecuteInBackground = (
  op: EagerOp,
  results: (Handle | null)[],
  resultCount: number[],
  status: Status,
  done: (error: Error | null) => void,
) => void;

/** Symbols of libtensorflow_framework; the others are in libtensorflow_cc. */
const inFramework = new Set<keyof CApi>([
  'TF_NewStatus',
  'TF_DeleteStatus',
  'TF_GetCode',
  'TF_Message',
  'TF_AllocateTensor',
  'TF_TensorData',
  'TF_TensorByteSize',
  'TF_DeleteTensor',
]);

const prototypes: Record<keyof CApi, string> = {
  TF_Version: 'const char* TF_Version()',
  TF_NewStatus: 'void* TF_NewStatus()',
  TF_DeleteStatus: 'void TF_DeleteStatus(void*)',
  TF_GetCode: 'int TF_GetCode(void*)',
  TF_Message: 'const char* TF_Message(void*)',

  TF_NewGraph: 'void* TF_NewGraph()',
  TF_DeleteGraph: 'void TF_DeleteGraph(void*)',
  TF_NewOperation: 'void* TF_NewOperation(void*, const char*, const char*)',
  TF_AddInput: 'void TF_AddInput(void*, TF_Output)',
  TF_AddInputList: 'void TF_AddInputList(void*, TF_Output*, int)',
  TF_AddControlInput: 'void TF_AddControlInput(void*, void*)',
  TF_SetAttrType: 'void TF_SetAttrType(void*, const char*, int)',
  TF_SetAttrBool: 'void TF_SetAttrBool(void*, const char*, uint8_t)',
  TF_SetAttrInt: 'void TF_SetAttrInt(void*, const char*, int64_t)',
  TF_SetAttrFloat: 'void TF_SetAttrFloat(void*, const char*, float)',
  TF_SetAttrShape: 'void TF_SetAttrShape(void*, const char*, const int64_t*, int)',
  TF_SetAttrTensor: 'void TF_SetAttrTensor(void*, const char*, void*, void*)',
  TF_SetAttrTypeList: 'void TF_SetAttrTypeList(void*, const char*, const int*, int)',
  TF_SetAttrFuncName: 'void TF_SetAttrFuncName(void*, const char*, const char*, size_t)',
  TF_FinishOperation: 'void* TF_FinishOperation(void*, void*)',
  TF_OperationNumOutputs: 'int TF_OperationNumOutputs(void*)',
  TF_OperationOutputType: 'int TF_OperationOutputType(TF_Output)',
  TF_GraphGetTensorNumDims: 'int TF_GraphGetTensorNumDims(void*, TF_Output, void*)',
  TF_GraphGetTensorShape: 'void TF_GraphGetTensorShape(void*, TF_Output, _Out_ int64_t*, int, void*)',
  TF_GraphToFunctionWithControlOutputs:
    'void* TF_GraphToFunctionWithControlOutputs(void*, const char*, uint8_t, int, void*, int, TF_Output*, int, TF_Output*, const char**, int, void**, const char**, void*, const char*, void*)',
  TF_DeleteFunction: 'void TF_DeleteFunction(void*)',

  TF_AllocateTensor: 'void* TF_AllocateTensor(int, const int64_t*, int, size_t)',
  TF_TensorData: 'void* TF_TensorData(void*)',
  TF_TensorByteSize: 'size_t TF_TensorByteSize(void*)',
  TF_DeleteTensor: 'void TF_DeleteTensor(void*)',

  TFE_NewContextOptions: 'void* TFE_NewContextOptions()',
  TFE_ContextOptionsSetConfig: 'void TFE_ContextOptionsSetConfig(void*, const uint8_t*, size_t, void*)',
  TFE_DeleteContextOptions: 'void TFE_DeleteContextOptions(void*)',
  TFE_NewContext: 'void* TFE_NewContext(void*, void*)',
  TFE_DeleteContext: 'void TFE_DeleteContext(void*)',
  TFE_ContextListDevices: 'void* TFE_ContextListDevices(void*, void*)',
  TF_DeviceListCount: 'int TF_DeviceListCount(void*)',
  TF_DeviceListType: 'const char* TF_DeviceListType(void*, int, void*)',
  TF_DeleteDeviceList: 'void TF_DeleteDeviceList(void*)',
  TFE_ContextAddFunction: 'void TFE_ContextAddFunction(void*, void*, void*)',
  TFE_ContextRemoveFunction: 'void TFE_ContextRemoveFunction(void*, const char*, void*)',
  TFE_NewOp: 'void* TFE_NewOp(void*, const char*, void*)',
  TFE_DeleteOp: 'void TFE_DeleteOp(void*)',
  TFE_OpSetDevice: 'void TFE_OpSetDevice(void*, const char*, void*)',
  TFE_OpAddInput: 'void TFE_OpAddInput(void*, void*, void*)',
  TFE_OpSetAttrBool: 'void TFE_OpSetAttrBool(void*, const char*, uint8_t)',
  TFE_OpSetAttrType: 'void TFE_OpSetAttrType(void*, const char*, int)',
  TFE_OpSetAttrShape: 'void TFE_OpSetAttrShape(void*, const char*, const int64_t*, int, void*)',
  TFE_OpSetAttrString: 'void TFE_OpSetAttrString(void*, const char*, const char*, size_t)',
  TFE_Execute: 'void TFE_Execute(void*, _Inout_ void**, _Inout_ int*, void*)',
  TFE_NewTensorHandle: 'void* TFE_NewTensorHandle(void*, void*)',
  TFE_TensorHandleResolve: 'void* TFE_TensorHandleResolve(void*, void*)',
  TFE_DeleteTensorHandle: 'void TFE_DeleteTensorHandle(void*)',
};

/** Binds every function. Throws if a symbol is missing, which means another version of TensorFlow. */
export function bindCApi(
  framework: LibraryHandle,
  cc: LibraryHandle,
): { api: CApi; executeInBackground: ExecuteInBackground } {
  const functions = Object.entries(prototypes).map(([name, prototype]) => {
    const library = inFramework.has(name as keyof CApi) ? framework : cc;
    return [name, library.func(prototype)] as const;
  });
  const api = Object.fromEntries(functions) as unknown as CApi & { TFE_Execute: { async: ExecuteInBackground } };
  return { api, executeInBackground: api.TFE_Execute.async };
}
