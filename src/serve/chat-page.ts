import { readFileSync } from 'node:fs';
import { servePage } from '../pages/serve-page.ts';
import { serveStyle } from '../pages/serve-style.ts';
import type { ServedPage } from './local-server.ts';
import { policyOf } from './page-policy.ts';

/** The chat page with its script from this path. */
export function chatPage(scriptPath: string): ServedPage {
  const script = readFileSync(scriptPath, 'utf8').trim();
  return { html: servePage(script), policy: policyOf(script, serveStyle) };
}
