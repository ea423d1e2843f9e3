/** `50GB`, `1.5 TB`, `200MiB`, `1000` → bytes; null if it is none of these. */
export function parseBytes(text: string): number | null {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*([kMGT]?i?B?)\s*$/i.exec(text) ?? [];
  if (number === undefined) return null;
  const step = /i/i.test(unit!) ? 1024 : 1000;
  return Math.round(Number(number) * step ** ' kmgt'.indexOf(unit!.charAt(0).toLowerCase().replace('b', '') || ' '));
}

/** `3.2 GB`: three digits that count. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toPrecision(value >= 10 ? 3 : 2)} ${units[power]}`;
}

/** `30d`, `12h`, `2w`, `45min` → milliseconds; null if it is none of these. */
export function parseAge(text: string): number | null {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*(min|h|d|w)\s*$/.exec(text) ?? [];
  if (number === undefined) return null;
  const minutes = { min: 1, h: 60, d: 1440, w: 10_080 }[unit as 'min' | 'h' | 'd' | 'w'];
  return Number(number) * minutes * 60_000;
}
