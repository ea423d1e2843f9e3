import { readFileSync } from 'node:fs';

type Value = number | boolean | string | Value[];

export interface ReadGguf {
  metadata: Record<string, Value>;
  tensors: Record<string, { shape: number[]; type: number; offset: number; data: Buffer }>;
}

/** A reader of GGUF files, written from the specification alone. `shape` has the length of a row first, as in ggml. */
export function readGguf(path: string): ReadGguf {
  const bytes = readFileSync(path);
  let at = 0;
  const uint32 = (): number => bytes.readUInt32LE((at += 4) - 4);
  const uint64 = (): number => Number(bytes.readBigUInt64LE((at += 8) - 8));
  const text = (): string => {
    const length = uint64();
    return bytes.toString('utf8', at, (at += length));
  };
  const value = (type: number): Value => {
    if (type === 4) return uint32();
    if (type === 5) return bytes.readInt32LE((at += 4) - 4);
    if (type === 6) return bytes.readFloatLE((at += 4) - 4);
    if (type === 7) return bytes[at++] === 1;
    if (type === 8) return text();
    if (type !== 9) throw new Error(`type ${type}`);
    const of = uint32();
    return Array.from({ length: uint64() }, () => value(of));
  };
  if (bytes.toString('latin1', 0, (at = 4)) !== 'GGUF' || uint32() !== 3) throw new Error('not GGUF 3');
  const [tensors, keys] = [uint64(), uint64()];
  const metadata = Object.fromEntries(Array.from({ length: keys }, () => [text(), value(uint32())]));
  const infos = Array.from({ length: tensors }, () => {
    const name = text();
    const shape = Array.from({ length: uint32() }, uint64);
    return { name, shape, type: uint32(), offset: uint64() };
  });
  const start = Math.ceil(at / 32) * 32;
  const ends = infos.map(({ offset }) => offset).slice(1);
  return {
    metadata,
    tensors: Object.fromEntries(
      infos.map(({ name, ...info }, i) => [
        name,
        { ...info, data: bytes.subarray(start + info.offset, ends[i] === undefined ? bytes.length : start + ends[i]) },
      ]),
    ),
  };
}
