import type { LineStyle } from './colours.ts';

/** A short piece of a run's line, for legends. */
export function swatch({ colour, dash }: LineStyle): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const line = document.createElementNS(space, 'line');
  for (const [name, value] of Object.entries({ width: '34', height: '10', 'aria-hidden': 'true' }))
    svg.setAttribute(name, value);
  for (const [name, value] of Object.entries({
    x1: '1',
    x2: '33',
    y1: '5',
    y2: '5',
    stroke: colour,
    'stroke-width': '3',
    'stroke-dasharray': dash.join(' '),
  }))
    line.setAttribute(name, value);
  svg.append(line);
  return svg;
}
