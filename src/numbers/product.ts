/** How many values an array of this shape holds; 1 for a scalar's empty shape. */
export const product = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);
