import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * A stack trace with positions in our source files instead of the bundle. Mapped only when an error is shown, because
 * Node's `--enable-source-maps` reads every map at every start and would add a quarter to the overhead of each stage.
 */
export function mappedStack(stack: string): string {
  const maps = new Map<string, SourceMap | null>();
  return stack.replace(
    /(file:\/\/[^\s()]+\.js):(\d+):(\d+)/g,
    (location, url: string, line: string, column: string) => {
      const map = maps.get(url) ?? mapOf(url);
      maps.set(url, map);
      const entry = map?.findEntry(Number(line) - 1, Number(column) - 1);
      return entry && 'originalSource' in entry
        ? `${entry.originalSource.replace(/^(\.\.\/)+/, '')}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
        : location;
    },
  );
}

function mapOf(url: string): SourceMap | null {
  try {
    const path = `${fileURLToPath(url)}.map`;
    return existsSync(path)
      ? new SourceMap(JSON.parse(readFileSync(path, 'utf8')) as ConstructorParameters<typeof SourceMap>[0])
      : null;
  } catch {
    return null; // positions in the bundle are better than none
  }
}
