import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { product } from '../../numbers/product.ts';
import { maskedCrc32c } from './crc32c.ts';
import { reader, readSortedTable, type ByteReader } from './sorted-table.ts';

/**
 * A checkpoint of TensorFlow's `tf.train.Saver` ("V2"). PREFIX.index has the names of the tensors and the offsets of
 * their bytes in PREFIX.data-00000-of-00001. tensorflow/core/protobuf/tensor_bundle.proto defines the messages.
 */
export interface TensorFlowCheckpoint {
  entries: ReadonlyMap<string, BundleEntry>;
  /** Float32 values. Throws an Error that names the tensor if its bytes do not match the CRC in the index. */
  read(name: string): Float32Array;
  close(): void;
}

export interface BundleEntry {
  /** of tensorflow/core/framework/types.proto; 1 is float32, 2 is float64 */
  dtype: number;
  shape: number[];
  shard: number;
  /** bytes */
  offset: number;
  size: number;
  /** masked */
  crc32c: number;
}

/**
 * Opens `prefixPath`, and checks the index and the lengths of the data files. Throws an Error that lists the faults,
 * tensor by tensor.
 */
export function openTensorFlowCheckpoint(prefixPath: string): TensorFlowCheckpoint {
  const indexPath = `${prefixPath}.index`;
  const table = readSortedTable(readFileSync(indexPath), indexPath);
  const shards = shardCount(table.get(''), indexPath);
  table.delete('');
  const entries = new Map([...table].map(([name, bytes]) => [name, bundleEntry(bytes, `${indexPath}: ${name}`)]));
  const files: { path: string; fd: number; bytes: number }[] = [];
  const close = (): void => files.forEach(({ fd }) => closeSync(fd));
  try {
    for (const path of dataPaths(prefixPath, shards)) {
      const fd = openSync(path, 'r');
      files.push({ path, fd, bytes: fstatSync(fd).size });
    }
    checkSizes(entries, files, indexPath);
  } catch (error) {
    close();
    throw error;
  }
  return {
    entries,
    close,
    read(name) {
      const entry = entries.get(name);
      if (!entry) throw new Error(`${indexPath} has no tensor ${name}`);
      const { fd, path } = files[entry.shard]!;
      if (BYTES[entry.dtype] === undefined)
        throw new Error(
          `${indexPath}: ${name} has the type ${entry.dtype}, but only float32 (${FLOAT32}) and float64 (${FLOAT64}) can be read as weights`,
        );
      return readFloats(fd, entry, `${path}: ${name}`);
    },
  };
}

/** The data files of a checkpoint, according to its index. */
export function dataFiles(prefixPath: string): string[] {
  const indexPath = `${prefixPath}.index`;
  return dataPaths(prefixPath, shardCount(readSortedTable(readFileSync(indexPath), indexPath).get(''), indexPath));
}

// ---------------------------------------------------------------------------------------------------------------------

const FLOAT32 = 1;
const FLOAT64 = 2;
const BYTES: Record<number, number> = { [FLOAT32]: 4, [FLOAT64]: 8 };

function dataPaths(prefixPath: string, shards: number): string[] {
  const digits = (number: number): string => String(number).padStart(5, '0');
  return Array.from({ length: shards }, (_, shard) => `${prefixPath}.data-${digits(shard)}-of-${digits(shards)}`);
}

/** BundleHeaderProto: 1 number of shards, 2 byte order (0 little), 3 version. */
function shardCount(header: Uint8Array | undefined, path: string): number {
  if (!header) throw new Error(`${path} is not a checkpoint index: it has no header`);
  let shards = 0;
  let bigEndian = false;
  for (const { field, value } of fieldsOf(header, path)) {
    if (field === 1) shards = Number(value);
    if (field === 2) bigEndian = value === 1;
  }
  if (bigEndian) throw new Error(`${path}: its tensors are big-endian, unlike those of the published GPT-2`);
  if (shards < 1 || shards > 99_999) throw new Error(`${path} is damaged: it lists ${shards} data files`);
  return shards;
}

/** BundleEntryProto: 1 type, 2 shape, 3 shard, 4 offset, 5 size, 6 CRC, 7 slices. */
function bundleEntry(bytes: Uint8Array, where: string): BundleEntry {
  const entry: BundleEntry = { dtype: 0, shape: [], shard: 0, offset: 0, size: 0, crc32c: 0 };
  for (const { field, value } of fieldsOf(bytes, where)) {
    if (field === 1) entry.dtype = Number(value);
    if (field === 2) entry.shape = shapeOf(value as Uint8Array, where);
    if (field === 3) entry.shard = Number(value);
    if (field === 4) entry.offset = Number(value);
    if (field === 5) entry.size = Number(value);
    if (field === 6) entry.crc32c = Number(value);
    if (field === 7) throw new Error(`${where} is stored in slices, unlike the published GPT-2`);
  }
  return entry;
}

/** TensorShapeProto: 2 is a dimension, whose field 1 is its length. */
function shapeOf(bytes: Uint8Array, where: string): number[] {
  return fieldsOf(bytes, where).flatMap(({ field, value }) => {
    if (field !== 2) return [];
    const length = fieldsOf(value as Uint8Array, where).find((inner) => inner.field === 1);
    return [Number(length?.value ?? 0)];
  });
}

/** The fields of a protocol buffer. */
function fieldsOf(bytes: Uint8Array, where: string): { field: number; value: number | Uint8Array }[] {
  const input = reader(bytes, 0, bytes.length, where);
  const fields: { field: number; value: number | Uint8Array }[] = [];
  while (!input.done()) {
    const tag = input.varint();
    fields.push({ field: Math.floor(tag / 8), value: fieldValue(input, tag % 8, where) });
  }
  return fields;
}

function fieldValue(input: ByteReader, wireType: number, where: string): number | Uint8Array {
  switch (wireType) {
    case 0:
      return input.varint();
    case 1:
      return input.take(8);
    case 2:
      return input.take(input.varint());
    case 5:
      return input.fixed32();
    default:
      throw new Error(`${where} is damaged: its message has a field of the unknown type ${wireType}`);
  }
}

function checkSizes(
  entries: ReadonlyMap<string, BundleEntry>,
  files: { path: string; bytes: number }[],
  indexPath: string,
): void {
  const wrong: string[] = [];
  for (const [name, { dtype, shape, shard, offset, size }] of entries) {
    const file = files[shard];
    const needed = BYTES[dtype] === undefined ? size : BYTES[dtype] * product(shape);
    if (!file) wrong.push(`${name} should be in data file ${shard}, but there are ${files.length}`);
    else if (offset + size > file.bytes)
      wrong.push(`${name} ends at byte ${offset + size} of ${file.path}, which has ${file.bytes}: it is cut off`);
    else if (size !== needed) wrong.push(`${name} has ${size} bytes, but [${shape}] needs ${needed}`);
  }
  if (wrong.length > 0)
    throw new Error(
      `${indexPath} does not match its data in ${wrong.length} of ${entries.size} tensors:\n  ${wrong.slice(0, 20).join('\n  ')}`,
    );
}

function readFloats(fd: number, { dtype, offset, size, crc32c }: BundleEntry, where: string): Float32Array {
  const bytes = new Uint8Array(size);
  for (let done = 0; done < size;) {
    // Node reads at most 2 GiB per call, and may read less.
    const read = readSync(fd, bytes, done, Math.min(size - done, 2 ** 30), offset + done);
    if (read === 0) throw new Error(`${where}: the file ended while it was being read`);
    done += read;
  }
  const found = maskedCrc32c(bytes);
  if (found !== crc32c)
    throw new Error(`${where} is damaged: its bytes have the CRC ${hex(found)}, but the index has ${hex(crc32c)}`);
  return dtype === FLOAT64 ? Float32Array.from(new Float64Array(bytes.buffer)) : new Float32Array(bytes.buffer);
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');
