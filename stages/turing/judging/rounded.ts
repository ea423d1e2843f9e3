/** Nine digits: more than any of these figures has, and the same on all machines. */
export const rounded = (value: number): number => (Number.isFinite(value) ? Number(value.toPrecision(9)) : 0);
