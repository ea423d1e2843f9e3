/**
 * How a run looks in every chart: colours of Okabe and Ito, which people of every kind of colour vision can tell apart,
 * and beyond the eighth run another way of dashing. More runs than a legend can tell apart are ranked by one ramp from
 * dark to bright (cividis).
 */
export interface Look {
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

const MOST_TOLD_APART = onLight.length * dashes.length;

export function lookOf(index: number, count: number, dark: boolean): Look {
  if (count > MOST_TOLD_APART) return { colour: rampAt(count > 1 ? index / (count - 1) : 0, dark), dash: [] };
  const colours = dark ? onDark : onLight;
  return { colour: colours[index % colours.length]!, dash: dashes[Math.floor(index / colours.length)]! };
}

/** The best run stands out from the paper: dark on light, bright on dark. */
function rampAt(place: number, dark: boolean): string {
  // the end of the ramp that would vanish on the paper is left out
  const at = dark ? 1 - place * 0.85 : place * 0.85;
  const low = Math.min(ramp.length - 2, Math.floor(at * (ramp.length - 1)));
  const rest = at * (ramp.length - 1) - low;
  const mixed = ramp[low]!.map((from, channel) => Math.round(from + (ramp[low + 1]![channel]! - from) * rest));
  return `rgb(${mixed.join(',')})`;
}
