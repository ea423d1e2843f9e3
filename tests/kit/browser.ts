import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'node:test';
import { chromium, type Browser, type Page } from 'playwright-core';

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

// ---------------------------------------------------------------------------

function findBrowser(): string | null {
  const named = process.env['CHROMIUM'];
  if (named) return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const paths = ['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) =>
    folders.map((dir) => join(dir, name)),
  );
  return paths.find((path) => existsSync(path)) ?? null;
}
