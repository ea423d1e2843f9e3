import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../files/project-root.ts';
import { nearPath } from '../screen/shown-values.ts';
import { UsageError } from '../verb.ts';

/** The script of a page, as the build made it. */
export const pageScript = (name: string): string =>
  readFileSync(join(projectRoot(), 'dist', 'pages', `${name}.js`), 'utf8');

interface OwnPage {
  /** the command whose page it is */
  verb: string;
  html: string;
  /** whether a text is a page of that command */
  isOurs(text: string): boolean;
}

/** Replaces an older page of this command and an empty file, but no other file: that was named by mistake. */
export function writePage(path: string, { verb, html, isOurs }: OwnPage): void {
  let isInTheWay: boolean;
  try {
    isInTheWay = existsSync(path) && !isReplaceable(path, isOurs);
    if (!isInTheWay) writeFileSync(path, html);
  } catch (error) {
    throw new UsageError(`cannot write ${nearPath(path)}: ${(error as Error).message}`);
  }
  if (isInTheWay)
    throw new UsageError(
      `${nearPath(path)} exists and is not a page of \`${verb}\`; remove it, or name another file: --html ${verb}.html`,
    );
}

// ---------------------------------------------------------------------------

const isReplaceable = (path: string, isOurs: (text: string) => boolean): boolean =>
  statSync(path).isFile() && (statSync(path).size === 0 || isOurs(readFileSync(path, 'utf8')));
