import type { CApi, Pointer } from './api.ts';
import { dtypeNumbers, type TensorFlowDType } from './dtype.ts';
import { checked } from './status.ts';
import { dimsOf } from './tensors.ts';

/** The value of an attribute, by its kind. */
interface AttributeValues {
  type: TensorFlowDType;
  bool: boolean;
  int: number;
  float: number;
  shape: readonly number[];
  string: string;
  tensor: Pointer<'tensor'>;
  types: readonly TensorFlowDType[];
  /** the function's name */
  function: string;
}

type Kind = keyof AttributeValues;

export type Attribute = { [K in Kind]: { kind: K; value: AttributeValues[K] } }[Kind];

export type Attributes = Record<string, Attribute>;

type Node = Pointer<'operation description'>;
type EagerOp = Pointer<'eager op'>;
type Setter<Target, Value> = (api: CApi, target: Target, name: string, value: Value) => void;

/** How each kind is set on a node of a graph and on an eager op. Combinations that we do not use are not bound. */
const setters: {
  [K in Kind]: { node?: Setter<Node, AttributeValues[K]>; eager?: Setter<EagerOp, AttributeValues[K]> };
} = {
  type: {
    node: (api, node, name, dtype) => api.TF_SetAttrType(node, name, dtypeNumbers[dtype]),
    eager: (api, op, name, dtype) => api.TFE_OpSetAttrType(op, name, dtypeNumbers[dtype]),
  },
  bool: {
    node: (api, node, name, value) => api.TF_SetAttrBool(node, name, Number(value)),
    eager: (api, op, name, value) => api.TFE_OpSetAttrBool(op, name, Number(value)),
  },
  int: { node: (api, node, name, value) => api.TF_SetAttrInt(node, name, BigInt(value)) },
  float: { node: (api, node, name, value) => api.TF_SetAttrFloat(node, name, value) },
  shape: {
    node: (api, node, name, shape) => api.TF_SetAttrShape(node, name, dimsOf(shape), shape.length),
    eager: (api, op, name, shape) =>
      checked(api, `attribute ${name}`, (status) =>
        api.TFE_OpSetAttrShape(op, name, dimsOf(shape), shape.length, status),
      ),
  },
  string: { eager: (api, op, name, text) => api.TFE_OpSetAttrString(op, name, text, Buffer.byteLength(text)) },
  tensor: {
    node: (api, node, name, tensor) =>
      checked(api, `attribute ${name}`, (status) => api.TF_SetAttrTensor(node, name, tensor, status)),
  },
  types: {
    node: (api, node, name, dtypes) =>
      api.TF_SetAttrTypeList(
        node,
        name,
        Int32Array.from(dtypes, (dtype) => dtypeNumbers[dtype]),
        dtypes.length,
      ),
  },
  function: {
    node: (api, node, name, text) => api.TF_SetAttrFuncName(node, name, text, Buffer.byteLength(text)),
  },
};

export function setNodeAttributes(api: CApi, node: Node, attributes: Attributes): void {
  const setOne = <K extends Kind>(name: string, { kind, value }: { kind: K; value: AttributeValues[K] }): void => {
    const set = setters[kind].node;
    if (!set) throw notBound(name, kind, 'a node');
    set(api, node, name, value);
  };
  for (const [name, attribute] of Object.entries(attributes)) setOne(name, attribute);
}

export function setEagerAttributes(api: CApi, op: EagerOp, attributes: Attributes): void {
  const setOne = <K extends Kind>(name: string, { kind, value }: { kind: K; value: AttributeValues[K] }): void => {
    const set = setters[kind].eager;
    if (!set) throw notBound(name, kind, 'an eager op');
    set(api, op, name, value);
  };
  for (const [name, attribute] of Object.entries(attributes)) setOne(name, attribute);
}

function notBound(name: string, kind: Kind, target: string): Error {
  return new Error(`attribute ${name}: setting a ${kind} on ${target} is not bound`);
}
