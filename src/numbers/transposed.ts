/** [rows, columns] to [columns, rows], tile by tile, because a whole column does not fit into the CPU's caches. */
export function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let top = 0; top < rows; top += TILE) {
    for (let left = 0; left < columns; left += TILE) {
      const [bottom, right] = [Math.min(rows, top + TILE), Math.min(columns, left + TILE)];
      for (let row = top; row < bottom; row++)
        for (let column = left; column < right; column++) result[column * rows + row] = values[row * columns + column]!;
    }
  }
  return result;
}

const TILE = 32;
