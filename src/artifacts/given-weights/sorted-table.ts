import { maskedCrc32c } from './crc32c.ts';

/**
 * LevelDB's sorted table, which TensorFlow uses for the index of a checkpoint: blocks of entries, a block of handles to
 * them, and a footer of 48 bytes. Specification: github.com/google/leveldb, doc/table_format.md.
 *
 * Checks the CRC of every block. Throws an Error that names the damaged location.
 */
export function readSortedTable(bytes: Uint8Array, path: string): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FOOTER_BYTES)
    throw new Error(
      `${path} is not a checkpoint index: it has ${bytes.length} bytes, fewer than the ${FOOTER_BYTES} of its footer`,
    );
  if (view.getBigUint64(bytes.length - 8, true) !== MAGIC)
    throw new Error(
      `${path} is not a checkpoint index, or it is cut off: its last 8 bytes are not the table's magic number`,
    );
  const footer = reader(bytes, bytes.length - FOOTER_BYTES, bytes.length - 8, path);
  handle(footer); // skips the handle of the meta block, which TensorFlow leaves empty
  const entries = new Map<string, Uint8Array>();
  for (const [, value] of entriesOf(bytes, handle(footer), path)) {
    const block = handle(reader(value, 0, value.length, path));
    for (const [key, inner] of entriesOf(bytes, block, path)) entries.set(key, inner);
  }
  return entries;
}

/**
 * Reads the numbers of protocol buffers and LevelDB, which are little-endian or in groups of seven bits. Throws at the
 * end of its bytes.
 */
export interface ByteReader {
  done(): boolean;
  varint(): number;
  fixed32(): number;
  take(count: number): Uint8Array;
}

export function reader(bytes: Uint8Array, start: number, end: number, path: string): ByteReader {
  let position = start;
  const cutOff = (): Error => new Error(`${path} is damaged: an entry does not end by byte ${end}`);
  const take = (count: number): Uint8Array => {
    if (position + count > end) throw cutOff();
    return bytes.subarray(position, (position += count));
  };
  return {
    done: () => position >= end,
    take,
    fixed32() {
      const { buffer, byteOffset } = take(4);
      return new DataView(buffer, byteOffset, 4).getUint32(0, true);
    },
    varint() {
      let value = 0;
      for (let factor = 1; ; factor *= 128) {
        if (position >= end) throw cutOff();
        const byte = bytes[position++]!;
        value += (byte & 127) * factor;
        if (!Number.isSafeInteger(value))
          throw new Error(`${path} is damaged: a number before byte ${position} is larger than any file`);
        if (byte < 128) return value;
      }
    },
  };
}

// ---------------------------------------------------------------------------------------------------------------------

const FOOTER_BYTES = 48;
const MAGIC = 0xdb4775248b80fb57n;
/** After each block: its compression, 1 byte, and the masked CRC of both, 4 bytes. */
const TRAILER_BYTES = 5;

interface Handle {
  offset: number;
  size: number;
}

function handle({ varint }: ByteReader): Handle {
  return { offset: varint(), size: varint() };
}

function entriesOf(bytes: Uint8Array, { offset, size }: Handle, path: string): [key: string, value: Uint8Array][] {
  const end = offset + size;
  if (end + TRAILER_BYTES > bytes.length)
    throw new Error(
      `${path} is damaged or cut off: a block should end at byte ${end + TRAILER_BYTES}, but the file has ${bytes.length}`,
    );
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + end, TRAILER_BYTES);
  if (trailer.getUint32(1, true) !== maskedCrc32c(bytes.subarray(offset, end + 1)))
    throw new Error(`${path} is damaged: the block at byte ${offset} does not match its CRC`);
  if (trailer.getUint8(0) !== 0)
    throw new Error(`${path} is compressed, unlike TensorFlow's own checkpoints: save it again with tf.train.Saver`);
  const restarts = size >= 4 ? new DataView(bytes.buffer, bytes.byteOffset + end - 4, 4).getUint32(0, true) : 0;
  const input = reader(bytes, offset, end - 4 - 4 * restarts, path);
  const entries: [string, Uint8Array][] = [];
  let last: Uint8Array = new Uint8Array();
  while (!input.done()) {
    const [shared, unshared, valueBytes] = [input.varint(), input.varint(), input.varint()];
    last = Buffer.concat([last.subarray(0, shared), input.take(unshared)]);
    entries.push([Buffer.from(last).toString('utf8'), input.take(valueBytes)]);
  }
  return entries;
}
