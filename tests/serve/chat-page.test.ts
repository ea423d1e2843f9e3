import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { accessibilityFaults, faultsOf, openBrowser, valueIn } from '../kit/browser.ts';
import { KEY, startServer } from './kit.ts';

const answered = (page: Page): Promise<unknown> => page.waitForSelector('#log[aria-busy="false"]');

test('a chat in a real browser, by keyboard alone', { timeout: 120_000 }, async (context) => {
  const browser = await openBrowser(context);
  if (!browser) return;
  const { server, address } = await startServer();
  context.after(() => server.close());
  const page = await browser.newPage();
  const faults = faultsOf(page, address);
  await page.goto(`${address}/#${KEY}`);
  await page.waitForSelector('#persona option', { state: 'attached' });
  assert.deepEqual(await page.locator('#persona option').allTextContents(), ['Ann', 'Bob', 'ELIZA']);
  await page.fill('#seed', '5');

  const text = '</script><b>hi</b> שלום 👩🏽‍🚀';
  await page.locator('#message').focus();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
  await answered(page);
  assert.equal(await page.locator('.user .text').textContent(), text);
  const first = await page.locator('.assistant .text').textContent();
  assert.ok(first!.length > 0);

  await page.keyboard.press('Alt+r');
  await answered(page);
  assert.equal(await page.locator('.assistant').count(), 1);
  assert.notEqual(await page.locator('.assistant .text').textContent(), first);

  await page.getByRole('button', { name: 'Edit' }).focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('#message').inputValue(), text);
  assert.equal(await page.locator('.message').count(), 0);
  await page.fill('#message', 'hello');
  await page.keyboard.press('Enter');
  await answered(page);
  assert.deepEqual(await page.locator('.who').allTextContents(), ['Bob', 'Ann']);
  await page.keyboard.type('and');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('more');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await answered(page);
  assert.equal(await page.locator('#send').isEnabled(), true);
  assert.equal(await valueIn(page, 'localStorage.length + sessionStorage.length + document.cookie.length'), 0);
  assert.deepEqual(faults, []);
});

test('the page is accessible, dark or light, on a wide screen and a phone', { timeout: 120_000 }, async (context) => {
  const browser = await openBrowser(context);
  if (!browser) return;
  const { server, address } = await startServer();
  context.after(() => server.close());
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1200, 320]) {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 640 } });
      await page.goto(`${address}/#${KEY}`);
      await page.waitForSelector('#persona option', { state: 'attached' });
      await page.fill('#message', `a long word: ${'x'.repeat(200)}`);
      await page.keyboard.press('Enter');
      await answered(page);
      assert.deepEqual(await accessibilityFaults(page), [], `${colorScheme}, ${width}`);
      assert.equal(await valueIn(page, 'document.documentElement.scrollWidth - innerWidth'), 0, `${width} px`);
      const shots = process.env['SCREENSHOTS'];
      if (shots) await page.screenshot({ path: join(shots, `chat-${colorScheme}-${width}.png`) });
      await page.close();
    }
});

test('a page without the key says what to do', { timeout: 60_000 }, async (context) => {
  const browser = await openBrowser(context);
  if (!browser) return;
  const { server, address } = await startServer();
  context.after(() => server.close());
  const page = await browser.newPage();
  await page.goto(`${address}/#wrong`);
  await page.waitForSelector('#status.wrong');
  assert.match((await page.locator('#status').textContent())!, /open the whole address/);
});
