import { bfloat16Of } from '../../numbers/bfloat16.ts';
import { float16Of } from '../../numbers/float16.ts';
import type { TensorType } from './tensor-types.ts';

export interface TensorFormat {
  /** the number of the type in ggml */
  code: number;
  /** numbers that are stored together; a row must be a multiple of this */
  block: number;
  bytesPerBlock: number;
  /** Whole blocks to their bytes. Throws a RangeError if a number is too large for the type. */
  encode(values: Float32Array): Uint8Array;
}

/** Numbers in a block of q8_0. */
export const Q8_BLOCK = 32;
const Q8_BYTES = 2 + Q8_BLOCK;

export const tensorFormats: Record<TensorType, TensorFormat> = {
  f32: { code: 0, block: 1, bytesPerBlock: 4, encode: bytesOf },
  f16: { code: 1, block: 1, bytesPerBlock: 2, encode: (values) => bytesOf(checkedHalves(values, 'f16')) },
  bf16: { code: 30, block: 1, bytesPerBlock: 2, encode: (values) => bytesOf(bfloat16Of(values)) },
  q8_0: { code: 8, block: Q8_BLOCK, bytesPerBlock: Q8_BYTES, encode: q8Blocks },
};

// ---------------------------------------------------------------------------

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

const INFINITE_HALF = 0x7c00;

/** `step`: the number that a value of 1 stands for. */
function checkedHalves(values: Float32Array, type: TensorType, step = 1): Uint16Array {
  const halves = float16Of(values);
  for (let i = 0; i < halves.length; i++)
    if ((halves[i]! & 0x7fff) === INFINITE_HALF)
      throw new RangeError(
        `${Number((values[i]! * step).toPrecision(6))} is too large for ${type}; bf16 and f32 have room for it`,
      );
  return halves;
}

/**
 * Each block is a scale, the largest magnitude / 127 as a half, and 32 signed bytes. As in ggml, the numbers are
 * divided by the scale before it is rounded to a half, in float32, and ties go away from zero.
 */
function q8Blocks(values: Float32Array): Uint8Array {
  const blocks = values.length / Q8_BLOCK;
  const bytes = new Uint8Array(blocks * Q8_BYTES);
  const scales = new Float32Array(blocks);
  for (let block = 0; block < blocks; block++) {
    const numbers = values.subarray(block * Q8_BLOCK, (block + 1) * Q8_BLOCK);
    let largest = 0;
    for (const value of numbers) largest = Math.max(largest, Math.abs(value));
    const scale = (scales[block] = Math.fround(largest / 127));
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    for (let i = 0; i < Q8_BLOCK; i++) {
      const scaled = Math.fround(numbers[i]! * inverse);
      bytes[block * Q8_BYTES + 2 + i] = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5);
    }
  }
  checkedHalves(scales, 'q8_0', 127).forEach((half, block) => {
    bytes[block * Q8_BYTES] = half & 0xff;
    bytes[block * Q8_BYTES + 1] = half >> 8;
  });
  return bytes;
}
