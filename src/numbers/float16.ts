/** The nearest half-precision number (IEEE binary16) of each float, ties to even; beyond 65519, infinity. */
export function float16Of(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(words.length);
  for (let i = 0; i < words.length; i++) halves[i] = halfOf(words[i]!, values[i]!);
  return halves;
}

// ---------------------------------------------------------------------------

/** Float32 patterns of the smallest half with full precision, 2^-14, and of 65536, which is above all halves. */
const SMALLEST_NORMAL = 0x38800000;
const TOO_LARGE = 0x47800000;
/** What the exponents of equal numbers differ by: the bias of float32 is 127, that of a half 15. */
const REBIAS = (127 - 15) << 23;

function halfOf(word: number, value: number): number {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fffffff;
  if (magnitude >= TOO_LARGE) return sign | (Number.isNaN(value) ? 0x7e00 : 0x7c00);
  if (magnitude < SMALLEST_NORMAL) return sign | roundedToEven(Math.abs(value) * 2 ** 24);
  return sign | ((magnitude - REBIAS + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}

function roundedToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
