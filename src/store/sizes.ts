/** Parses `50GB`, `1.5 TB`, `200MiB` or `1000` into bytes; null if the text is not a size. */
export function parseBytes(text: string): number | null {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*([kMGT]?i?B?)\s*$/i.exec(text) ?? [];
  if (number === undefined) return null;
  const step = /i/i.test(unit!) ? 1024 : 1000;
  return Math.round(Number(number) * step ** ' kmgt'.indexOf(unit!.charAt(0).toLowerCase().replace('b', '') || ' '));
}

/** `3.2 GB`: two or three significant digits. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toPrecision(value >= 10 ? 3 : 2)} ${units[power]}`;
}

/** Parses `30d`, `12h`, `2w` or `45min` into milliseconds; null if the text is not an age. */
export function parseAge(text: string): number | null {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*(min|h|d|w)\s*$/.exec(text) ?? [];
  if (number === undefined) return null;
  const minutes = { min: 1, h: 60, d: 1440, w: 10_080 }[unit as 'min' | 'h' | 'd' | 'w'];
  return Number(number) * minutes * 60_000;
}
