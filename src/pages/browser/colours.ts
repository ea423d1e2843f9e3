/**
 * A run's line in every chart: the colours of Okabe and Ito, which are distinct for every kind of colour vision, and a
 * new dash pattern after every eight runs. If there are too many runs for that, their colours go from dark to bright on
 * one scale (cividis).
 */
export interface LineStyle {
  colour: string;
  dash: number[];
}

const onLight = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#8a6d00', '#56b4e9', '#000000', '#9467bd'];
const onDark = ['#56b4e9', '#ff8c42', '#2fd0a0', '#e79ac4', '#f0e442', '#3a8fd0', '#ffffff', '#b79ae0'];
const dashes = [[], [7, 4], [2, 3], [9, 3, 2, 3]];
const ramp: [number, number, number][] = [
  [0, 32, 77],
  [51, 68, 107],
  [102, 105, 112],
  [149, 143, 120],
  [197, 184, 103],
  [255, 233, 69],
];

const MOST_DISTINCT = onLight.length * dashes.length;

export function lineStyleFor(index: number, count: number, dark: boolean): LineStyle {
  if (count > MOST_DISTINCT) return { colour: rampAt(count > 1 ? index / (count - 1) : 0, dark), dash: [] };
  const colours = dark ? onDark : onLight;
  return { colour: colours[index % colours.length]!, dash: dashes[Math.floor(index / colours.length)]! };
}

/** `rank`: 0 for the best run, 1 for the worst. The best has the most contrast: dark on light, bright on dark. */
function rampAt(rank: number, dark: boolean): string {
  // leave out the end of the scale that would be invisible against the background
  const position = dark ? 1 - rank * 0.85 : rank * 0.85;
  const low = Math.min(ramp.length - 2, Math.floor(position * (ramp.length - 1)));
  const rest = position * (ramp.length - 1) - low;
  const mixed = ramp[low]!.map((from, channel) => Math.round(from + (ramp[low + 1]![channel]! - from) * rest));
  return `rgb(${mixed.join(',')})`;
}
