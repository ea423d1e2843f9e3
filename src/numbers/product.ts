/** The number of values in an array of this shape; 1 for a scalar, whose shape is empty. */
export const product = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);
