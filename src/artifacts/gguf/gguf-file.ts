import { writeFileDurably } from '../../files/file-writer.ts';
import { product } from '../../numbers/product.ts';
import type { TensorType } from './tensor-types.ts';
import { tensorFormats } from './tensor-formats.ts';

/**
 * llama.cpp's GGUF, version 3: a header, keys with values, the list of tensors, then their data, each at a multiple of
 * 32 bytes. Everything is little-endian. Specification: github.com/ggml-org/ggml, docs/gguf.md.
 */
export type GgufValue =
  | { type: 'uint32' | 'float32'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'strings'; value: string[] }
  | { type: 'int32s'; value: number[] };

export interface GgufTensor {
  name: string;
  /** the last length is that of a row, whose numbers are adjacent */
  shape: number[];
  type: TensorType;
  /** Called once, when this tensor is written, so that only one is in memory. */
  read(): Float32Array;
}

/** Writes the whole file, or leaves none under its name. Throws an Error if a number does not fit into its type. */
export async function writeGguf(
  path: string,
  {
    metadata,
    tensors,
    onBytes,
  }: { metadata: Record<string, GgufValue>; tensors: GgufTensor[]; onBytes?(done: number, total: number): void },
): Promise<void> {
  const places = placesOf(tensors);
  const head = headOf(metadata, tensors, places);
  const total = head.length + (places.at(-1)?.end ?? 0);
  await writeFileDurably(path, (write) => {
    let done = 0;
    const put = (bytes: Uint8Array): void => {
      write(bytes);
      onBytes?.((done += bytes.length), total);
    };
    put(head);
    tensors.forEach((tensor, i) => {
      const { begin, end } = places[i]!;
      for (const bytes of tensorBytes(tensor)) put(bytes);
      put(new Uint8Array((places[i + 1]?.begin ?? end) - begin - byteLength(tensor)));
    });
  });
}

// ---------------------------------------------------------------------------

const ALIGNMENT = 32;
const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** A multiple of every block. */
const NUMBERS_AT_ONCE = 2 ** 18;

const byteLength = ({ shape, type }: GgufTensor): number =>
  (product(shape) / tensorFormats[type].block) * tensorFormats[type].bytesPerBlock;

/** Where the data of each tensor is, from the end of the head; `end` is that of the padding. */
function placesOf(tensors: GgufTensor[]): { begin: number; end: number }[] {
  let end = 0;
  return tensors.map((tensor) => {
    const { name, shape, type } = tensor;
    const { block } = tensorFormats[type];
    if (shape.at(-1)! % block !== 0)
      throw new RangeError(`${name} has rows of ${shape.at(-1)} numbers; ${type} needs a multiple of ${block}`);
    return { begin: end, end: (end += aligned(byteLength(tensor))) };
  });
}

function* tensorBytes({ name, shape, type, read }: GgufTensor): Generator<Uint8Array> {
  const values = read();
  if (values.length !== product(shape))
    throw new Error(`${name} has ${values.length} numbers, its shape [${shape}] needs ${product(shape)}`);
  for (let from = 0; from < values.length; from += NUMBERS_AT_ONCE) {
    try {
      yield tensorFormats[type].encode(values.subarray(from, from + NUMBERS_AT_ONCE));
    } catch (cause) {
      throw cause instanceof RangeError ? new RangeError(`${name}: ${cause.message}`, { cause }) : cause;
    }
  }
}

function headOf(metadata: Record<string, GgufValue>, tensors: GgufTensor[], places: { begin: number }[]): Uint8Array {
  const entries = Object.entries(metadata);
  const parts: Uint8Array[] = [
    Buffer.from('GGUF'),
    uint32(3),
    uint64(tensors.length),
    uint64(entries.length),
    ...entries.flatMap(([key, value]) => [text(key), ...valueBytes(value)]),
    ...tensors.flatMap(({ name, shape, type }, i) => [
      text(name),
      uint32(shape.length),
      ...shape.toReversed().map(uint64), // ggml names the length of a row first
      uint32(tensorFormats[type].code),
      uint64(places[i]!.begin),
    ]),
  ];
  const head = Buffer.concat(parts);
  return Buffer.concat([head], aligned(head.length));
}

const VALUE_TYPES = { uint32: 4, int32: 5, float32: 6, bool: 7, string: 8, array: 9 };

function valueBytes(given: GgufValue): Uint8Array[] {
  switch (given.type) {
    case 'uint32':
      return [uint32(VALUE_TYPES.uint32), uint32(given.value)];
    case 'float32':
      return [uint32(VALUE_TYPES.float32), new Uint8Array(Float32Array.of(given.value).buffer)];
    case 'bool':
      return [uint32(VALUE_TYPES.bool), Uint8Array.of(given.value ? 1 : 0)];
    case 'string':
      return [uint32(VALUE_TYPES.string), text(given.value)];
    case 'strings':
      return [...arrayHead(VALUE_TYPES.string, given.value.length), ...given.value.map(text)];
    case 'int32s':
      return [...arrayHead(VALUE_TYPES.int32, given.value.length), new Uint8Array(Int32Array.from(given.value).buffer)];
  }
}

const arrayHead = (type: number, length: number): Uint8Array[] => [
  uint32(VALUE_TYPES.array),
  uint32(type),
  uint64(length),
];

function text(value: string): Uint8Array {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([uint64(bytes.length), bytes]);
}

const uint32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);
const uint64 = (value: number): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);
