/** `1:02:03`, `4:05` */
export function clock(ms: number): string {
  const whole = Math.max(0, Math.round(ms / 1000));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = String(whole % 60).padStart(2, '0');
  return hours ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** `0.4 s`, `12 s`, `4:05` */
export function seconds(value: number): string {
  if (value < 10) return `${value.toFixed(1)} s`;
  return value < 100 ? `${value.toFixed(0)} s` : clock(value * 1000);
}
