import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { servePage } from '../pages/serve-page.ts';
import { serveStyle } from '../pages/serve-style.ts';
import type { ServedPage } from './local-server.ts';

/** The chat page with its script from this path. Its policy allows this script and style, and requests to this server. */
export function chatPage(scriptPath: string): ServedPage {
  const script = readFileSync(scriptPath, 'utf8').trim();
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return {
    html: servePage(script),
    policy: [
      "default-src 'none'",
      `script-src ${hash(script)}`,
      `style-src ${hash(serveStyle)}`,
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  };
}
