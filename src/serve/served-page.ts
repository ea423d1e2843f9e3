import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../files/project-root.ts';
import { localPageHtml, type LocalPage } from '../pages/local-page.ts';
import type { ServedPage } from './local-server.ts';

/** A page with its script, which the build names after the page. */
export function servedPage(page: LocalPage, name: 'serve' | 'judge'): ServedPage {
  const script = readFileSync(join(projectRoot(), 'dist', 'pages', `${name}.js`), 'utf8').trim();
  return { html: localPageHtml(page, script), policy: policyOf(script, page.style) };
}

// ---------------------------------------------------------------------------

/** The Content-Security-Policy of a page that runs this script, has this style, and asks nobody but its own server. */
const policyOf = (script: string, style: string): string =>
  [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
