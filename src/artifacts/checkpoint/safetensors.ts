import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { product } from '../../numbers/product.ts';
import { writeFileDurably } from '../../files/file-writer.ts';

/**
 * Hugging Face's safetensors: 8 bytes of header length (little-endian), a JSON header `{name: {dtype, shape,
 * data_offsets}, __metadata__}`, then the tensors without gaps. Specification: github.com/huggingface/safetensors,
 * README, "Format".
 */
export interface TensorSource {
  name: string;
  shape: number[];
  /** Called once, when this tensor is written, so that only one is in memory. */
  read(): Float32Array | Promise<Float32Array>;
}

export interface TensorEntry {
  dtype: string;
  shape: number[];
  /** first byte and the one after the last, counted from the end of the header */
  begin: number;
  end: number;
}

export interface SafetensorsFile {
  /** in the order of their bytes */
  entries: ReadonlyMap<string, TensorEntry>;
  metadata: Record<string, string>;
  /** F32, F64, BF16 or F16 as float32. Throws for any other type or an unknown name. */
  read(name: string): Float32Array;
  close(): void;
}

/** Writes F32 tensors in the given order. The file gets its name when it is complete and flushed to disk. */
export async function writeSafetensors(
  path: string,
  tensors: TensorSource[],
  metadata: Record<string, string> = {},
): Promise<void> {
  // transformers requires `format: pt`, which only means that names and shapes are PyTorch's.
  const entries: [string, unknown][] = [['__metadata__', { format: 'pt', ...metadata }]];
  let end = 0;
  for (const { name, shape } of tensors)
    entries.push([name, { dtype: 'F32', shape, data_offsets: [end, (end += 4 * product(shape))] }]);
  await writeFileDurably(path, async (write) => {
    write(headerBytes(Object.fromEntries(entries))); // assignments would lose a tensor named __proto__
    for (const { name, shape, read } of tensors) {
      const values = await read();
      if (values.length !== product(shape))
        throw new Error(`${path}: ${name} has ${values.length} values, its shape [${shape}] needs ${product(shape)}`);
      write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  });
}

/** Reads and checks the header; tensors are read on request. Throws an Error that explains what is wrong with the file. */
export function openSafetensors(path: string): SafetensorsFile {
  const fd = openSync(path, 'r');
  try {
    const { header, dataStart, dataBytes } = readHeader(fd, path);
    const { entries, metadata } = parseHeader(header, dataBytes, path);
    return {
      entries,
      metadata,
      read(name) {
        const entry = entries.get(name);
        if (!entry) throw new Error(`${path} has no tensor ${name}`);
        return readTensor(fd, dataStart, entry, `${path}: ${name}`);
      },
      close: () => closeSync(fd),
    };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

// ---------------------------------------------------------------------------------------------------------------------

const BYTES: Record<string, number> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
};

/** The limit of the reference implementation. */
const MAX_HEADER_BYTES = 100_000_000;

/** Padded with spaces, so that the tensors start at a multiple of 8. */
function headerBytes(header: Record<string, unknown>): Uint8Array {
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = Buffer.alloc(8 + padded, 0x20);
  bytes.writeBigUInt64LE(BigInt(padded), 0);
  json.copy(bytes, 8);
  return bytes;
}

function readHeader(fd: number, path: string): { header: string; dataStart: number; dataBytes: number } {
  const fileBytes = fstatSync(fd).size;
  const length = Buffer.alloc(8);
  if (fileBytes < 8)
    throw new Error(
      `${path} is not a safetensors file: it has ${fileBytes} bytes, fewer than the 8 of the header's length`,
    );
  readExactly(fd, length, 0);
  const headerBytes = Number(length.readBigUInt64LE(0));
  if (headerBytes > MAX_HEADER_BYTES)
    throw new Error(`${path} is not a safetensors file: its header would have ${headerBytes} bytes`);
  if (8 + headerBytes > fileBytes)
    throw new Error(
      `${path} is cut off: its header should end at byte ${8 + headerBytes}, but the file has ${fileBytes}`,
    );
  const header = Buffer.alloc(headerBytes);
  readExactly(fd, header, 8);
  return { header: header.toString('utf8'), dataStart: 8 + headerBytes, dataBytes: fileBytes - 8 - headerBytes };
}

function parseHeader(
  text: string,
  dataBytes: number,
  path: string,
): { entries: Map<string, TensorEntry>; metadata: Record<string, string> } {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path}: its header is not JSON`, { cause });
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw new Error(`${path}: its header is not an object`);
  const { __metadata__: metadata = {}, ...tensors } = header as Record<string, unknown>;
  const entries = Object.entries(tensors).map(([name, value]): [string, TensorEntry] => [
    name,
    parseEntry(value, `${path}: ${name}`),
  ]);
  entries.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  checkLayout(entries, dataBytes, path);
  return { entries: new Map(entries), metadata: metadata as Record<string, string> };
}

function parseEntry(value: unknown, where: string): TensorEntry {
  const {
    dtype,
    shape,
    data_offsets: offsets,
  } = (value ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  if (typeof dtype !== 'string' || !Object.hasOwn(BYTES, dtype))
    throw new Error(`${where} has the unknown type ${JSON.stringify(dtype)}`);
  if (!isCounts(shape)) throw new Error(`${where} has an invalid shape: ${JSON.stringify(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!)
    throw new Error(`${where} has invalid offsets: ${JSON.stringify(offsets)}`);
  const [begin, end] = offsets as [number, number];
  const bytes = product(shape) * BYTES[dtype]!;
  if (end - begin !== bytes)
    throw new Error(`${where} has ${end - begin} bytes, but ${dtype} [${shape}] needs ${bytes}`);
  return { dtype, shape, begin, end };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}

/** Tensors must be adjacent and fill the file; a gap or an overlap means that the offsets are wrong. */
function checkLayout(entries: [string, TensorEntry][], dataBytes: number, path: string): void {
  let next = 0;
  for (const [name, { begin, end }] of entries) {
    if (begin < next)
      throw new Error(`${path}: ${name} overlaps the tensor before it (byte ${begin}, which is before ${next})`);
    if (begin > next) throw new Error(`${path}: ${begin - next} bytes before ${name} belong to no tensor`);
    next = end;
  }
  if (next > dataBytes) throw new Error(`${path} is cut off: its tensors need ${next} bytes, but it has ${dataBytes}`);
  if (next < dataBytes) throw new Error(`${path}: ${dataBytes - next} bytes at the end belong to no tensor`);
}

function readTensor(fd: number, dataStart: number, { dtype, begin, end }: TensorEntry, where: string): Float32Array {
  const bytes = new Uint8Array(end - begin);
  readExactly(fd, bytes, dataStart + begin);
  switch (dtype) {
    case 'F32':
      return new Float32Array(bytes.buffer);
    case 'F64':
      return Float32Array.from(new Float64Array(bytes.buffer));
    case 'BF16':
      return Float32Array.from(new Uint16Array(bytes.buffer), bfloat16);
    case 'F16':
      return Float32Array.from(new Uint16Array(bytes.buffer), float16);
    default:
      throw new Error(`${where} is ${dtype}; only F32, F64, BF16 and F16 can be read as weights`);
  }
}

/** bfloat16 is the upper half of a float32. */
function bfloat16(bits: number): number {
  WORD.setUint32(0, bits * 0x10000);
  return WORD.getFloat32(0);
}
const WORD = new DataView(new ArrayBuffer(4));

/** IEEE 754 half precision: 1 sign bit, 5 of exponent, 10 of fraction. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** Node reads at most 2 GiB per call, and may read less. */
function readExactly(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;) {
    const read = readSync(fd, bytes, done, Math.min(bytes.length - done, 2 ** 30), position + done);
    if (read === 0) throw new Error(`the file ended at byte ${position + done} while it was being read`);
    done += read;
  }
}
