/** CRC-32C (Castagnoli): RFC 3720, appendix B.4. Reads eight bytes at a time ("slicing by 8"), about 1 GB/s. */
export function crc32c(bytes: Uint8Array): number {
  let crc = ~0;
  let i = 0;
  const { length } = bytes;
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES;
  for (; i + 8 <= length; i += 8) {
    const low = crc ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    crc =
      t7[low & 255]! ^
      t6[(low >>> 8) & 255]! ^
      t5[(low >>> 16) & 255]! ^
      t4[low >>> 24]! ^
      t3[bytes[i + 4]!]! ^
      t2[bytes[i + 5]!]! ^
      t1[bytes[i + 6]!]! ^
      t0[bytes[i + 7]!]!;
  }
  for (; i < length; i++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[i]!) & 255]!;
  return ~crc >>> 0;
}

/** The form that LevelDB and TensorFlow store, because a CRC of bytes that contain CRCs would be a weak check. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

// ---------------------------------------------------------------------------------------------------------------------

type Tables = [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];
const TABLES = tables();

/** Table n has the effect of a byte on the CRC if n more bytes follow. */
function tables(): Tables {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    return crc;
  });
  const all = [first];
  while (all.length < 8) all.push(all.at(-1)!.map((crc) => (crc >>> 8) ^ first[crc & 255]!));
  return all as Tables;
}
