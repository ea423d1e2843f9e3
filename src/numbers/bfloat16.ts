/** The upper 16 bits of each float, rounded to nearest, ties to even, as TensorFlow's Cast does. */
export function bfloat16Of(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(words.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    halves[i] = Number.isNaN(values[i]!) ? NOT_A_NUMBER : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return halves;
}

export function float32Of(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) words[i] = halves[i]! << 16;
  return new Float32Array(words.buffer);
}

const NOT_A_NUMBER = 0x7fc0;
