/** TensorFlow's ConfigProto, as bytes (tensorflow/core/protobuf/config.proto): the few fields that we set. */
export function configProto({ intraOpThreads, interOpThreads }: { intraOpThreads: number; interOpThreads: number }): Uint8Array {
  return Uint8Array.from([...varintField(2, intraOpThreads), ...varintField(5, interOpThreads)]);
}

function varintField(number: number, value: number): number[] {
  return [...varint(number << 3), ...varint(value)];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}
