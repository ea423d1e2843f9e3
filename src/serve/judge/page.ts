import { readFileSync } from 'node:fs';
import { judgePage as html } from '../../pages/judge-page.ts';
import { judgeStyle } from '../../pages/judge-style.ts';
import type { ServedPage } from '../local-server.ts';
import { policyOf } from '../page-policy.ts';

/** The page of `runner judge` with its script from this path. */
export function judgePage(scriptPath: string): ServedPage {
  const script = readFileSync(scriptPath, 'utf8').trim();
  return { html: html(script), policy: policyOf(script, judgeStyle) };
}
