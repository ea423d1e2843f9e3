import { join } from 'node:path';
import { restBelow } from './declared-paths.ts';
import type { Context } from './params.ts';

/**
 * Replaces our placeholders, and paths of `code` and `data`: as a whole argument, or after `=`. Other braces stay:
 * `{print $1}` belongs to the program.
 */
export function filled(text: string, context: Context): string {
  const { inputs, outDir, scratchDir } = context;
  const [, flag = '', value = text] = /^([^=\s/]+=)(.*)$/s.exec(text) ?? [];
  const path = declaredPath(text, context);
  if (path !== null) return path;
  const afterFlag = flag === '' ? null : declaredPath(value, context);
  if (afterFlag !== null) return flag + afterFlag;
  return text
    .replaceAll('{out}', outDir)
    .replaceAll('{scratch}', scratchDir)
    .replace(/\{in:([^{}]+)\}/g, (whole, port: string) => inputs[port] ?? whole);
}

/** Variables that a program needs in order to start. It gets no other undeclared variables from the runner. */
const PASSED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TMPDIR', 'LD_LIBRARY_PATH', 'VIRTUAL_ENV', 'CUDA_VISIBLE_DEVICES'];
/**
 * Make a program's output the same on every machine, and make Python print each line at once. Values in `env` take
 * precedence.
 */
const FIXED = { LANG: 'C.UTF-8', TZ: 'UTC', PYTHONHASHSEED: '0', PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' };

/** The folders of the person do not exist there. */
const ISOLATED = { HOME: '/tmp', TMPDIR: '/tmp' };

/** The program's whole environment. */
export function variables(context: Context): Record<string, string> {
  const passed = [...PASSED, ...context.runtime.passEnv].flatMap((name): [string, string][] =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  );
  const declared = Object.entries(context.params.env).map(([name, value]): [string, string] => [
    name,
    filled(String(value), context),
  ]);
  const isolated: Record<string, string> = context.params.isolate === true ? ISOLATED : {};
  return Object.fromEntries([...Object.entries(FIXED), ...passed, ...Object.entries(isolated), ...declared]);
}

// -----------------------------------------------------------------------------------------------------------

/** Where a path that is listed in `code` or `data`, or is below one that is, is on this machine; else null. */
function declaredPath(text: string, { params, sources }: Context): string | null {
  const declared = [
    ...params.code.map((path, index) => ({ path, absolutePath: sources[`code.${index}`]! })),
    ...params.data.map((path, index) => ({ path, absolutePath: sources[`data.${index}`]! })),
  ];
  for (const { path, absolutePath } of declared) {
    const rest = restBelow(text, path);
    if (rest !== null) return join(absolutePath, rest);
  }
  return null;
}
