/** The bytes of a TensorFlow ConfigProto (tensorflow/core/protobuf/config.proto) with the few fields that we set. */
export function configProto({
  intraOpThreads,
  interOpThreads,
  growGpuMemory = false,
}: {
  intraOpThreads: number;
  interOpThreads: number;
  growGpuMemory?: boolean;
}): Uint8Array {
  const gpuOptions = varintField(4, 1); // allow_growth: allocate memory as needed rather than the whole card at once
  return Uint8Array.from([
    ...varintField(2, intraOpThreads),
    ...varintField(5, interOpThreads),
    ...(growGpuMemory ? messageField(6, gpuOptions) : []),
  ]);
}

function messageField(number: number, message: number[]): number[] {
  return [...varint((number << 3) | 2), ...varint(message.length), ...message];
}

function varintField(number: number, value: number): number[] {
  return [...varint(number << 3), ...varint(value)];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}
