import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'node:test';
import { chromium, type Browser, type Page } from 'playwright-core';
import { projectRoot } from '../../src/files/project-root.ts';

/** A real headless browser; skips the test and returns null if this machine has no Chromium. */
export async function openBrowser(context: TestContext): Promise<Browser | null> {
  const executablePath = findBrowser();
  if (executablePath === null) {
    context.skip('no Chromium on this machine (or name one in CHROMIUM)');
    return null;
  }
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  context.after(() => browser.close());
  return browser;
}

/** Faults that a page must not have: errors of its scripts, violations of its policy, requests to other servers. */
export function faultsOf(page: Page, address: string): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(address) && !request.url().startsWith('blob:')) faults.push(`asked ${request.url()}`);
  });
  return faults;
}

/** What axe-core finds wrong with a page. Its script is run by the browser's debugger, which no policy forbids. */
export async function accessibilityFaults(page: Page): Promise<unknown> {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axeSource() });
  const { result } = await session.send('Runtime.evaluate', {
    expression:
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))',
    awaitPromise: true,
    returnByValue: true,
  });
  return result.value;
}

/** What an expression is in the page; its policy forbids the page's own `eval`. */
export async function valueIn(page: Page, expression: string): Promise<unknown> {
  const session = await page.context().newCDPSession(page);
  return (await session.send('Runtime.evaluate', { expression, returnByValue: true })).result.value;
}

// ---------------------------------------------------------------------------

const axeSource = (): string => readFileSync(join(projectRoot(), 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');

function findBrowser(): string | null {
  const named = process.env['CHROMIUM'];
  if (named) return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = ['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) =>
    folders.map((dir) => join(dir, name)),
  );
  return paths.find((path) => existsSync(path)) ?? null;
}
