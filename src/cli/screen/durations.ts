/** `0.4 s`, `12 s`, `6 min 6 s`, `2 h 5 min`, `3 d 4 h` */
export function seconds(value: number): string {
  if (value < 10) return `${value.toFixed(1)} s`;
  return value < 99.5 ? `${value.toFixed(0)} s` : inUnits(value, 2);
}

/** The same without decimals, for a time that goes on: `4 s`, `6 min 6 s`. */
export const wholeSeconds = (value: number): string => inUnits(value, 2);

/** The largest unit alone: `31 min`, `2 h`. */
export const roughly = (value: number): string => inUnits(value, 1);

// ---------------------------------------------------------------------------

const UNITS = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3600 },
  { name: 'min', seconds: 60 },
  { name: 's', seconds: 1 },
];

/** The largest unit that fits and the ones below it, `count` in all, without those that are zero. */
function inUnits(value: number, count: number): string {
  const whole = Math.max(0, Math.round(value));
  const first = Math.max(
    0,
    UNITS.findIndex((unit) => whole >= unit.seconds),
  );
  const used = whole === 0 ? UNITS.slice(-1) : UNITS.slice(first, first + count);
  // rounded to the smallest unit that is shown, which may make the largest one overflow: 59 min 59.6 s
  const smallest = used.at(-1)!.seconds;
  const rounded = Math.round(whole / smallest) * smallest;
  if (first > 0 && whole > 0 && rounded >= UNITS[first - 1]!.seconds) return inUnits(rounded, count);
  let left = rounded;
  const parts = used.map(({ name, seconds: length }) => {
    const amount = Math.floor(left / length);
    left -= amount * length;
    return { amount, name };
  });
  const shown = parts.filter(({ amount }, index) => amount > 0 || (index === 0 && whole === 0));
  return shown.map(({ amount, name }) => `${amount} ${name}`).join(' ');
}
