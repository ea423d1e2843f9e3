/**
 * What a program of the system prints on its standard output; '' if it is missing, fails or takes longer than 10 s.
 * Times are in UTC, and words in English, whatever the user has set.
 */
export function printedBy(program: string, args: readonly string[]): string {
  // loaded here: on Linux nothing calls this, and loading takes milliseconds
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { status, stdout } = spawnSync(program, args, {
    env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
    timeout: 10_000,
    maxBuffer: 1 << 28,
  });
  return status === 0 ? stdout : '';
}
