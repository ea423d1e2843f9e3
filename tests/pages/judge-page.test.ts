import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { NotSaved } from '../../src/judging/kept-file.ts';
import { finalAnswers } from '../../src/judging/answers.ts';
import { testOf } from '../judging/kit.ts';
import { faultsOf } from '../kit/browser.ts';
import { answerByKeyboard, begin, lines, ODD, openPage, press, serve } from './judge-page-kit.ts';

/** WCAG 2.2 A and AA. */
async function axeFaults(page: Page): Promise<string[]> {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const run = (
      globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }
    ).axe;
    const { violations } = await run.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

test('twelve questions by keyboard alone, with no request but to the server, and nothing forbidden', (context) =>
  answerByKeyboard(context, 12));

test('what is shown is text: markup, right to left, emoji; a phone needs no scrolling sideways', async (context) => {
  const { address, origin } = await serve(context, testOf({ questions: 5, lines }));
  const page = await openPage(context, { viewport: { width: 320, height: 640 } });
  if (page === null) return;
  const faults = faultsOf(page, `${origin}/`);
  await begin(page, address);
  const texts: string[] = [];
  for (let n = 0; n < 5; n++) {
    texts.push(await page.locator('#left').innerText());
    assert.equal(await page.locator('#left li').nth(1).getAttribute('dir'), 'auto');
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(width <= 320, `${width} pixels wide`);
    await page.waitForTimeout(410);
    await page.getByRole('button', { name: 'Text 1 is real' }).click();
    await page.locator(n === 4 ? '#done' : `#progress:has-text("${n + 2} of 5")`).waitFor();
  }
  for (const odd of ODD)
    assert.ok(
      texts.some((text) => text.includes(odd)),
      odd,
    );
  assert.deepEqual(faults, []);
});

test('axe-core finds nothing, wide and at 320 pixels, light and dark, in each state of the page', async (context) => {
  const { address } = await serve(context, testOf({ questions: 5, lines }));
  // The policy of the page would not let axe-core run.
  const page = await openPage(context, { bypassCSP: true });
  if (page === null) return;
  const shots = process.env['SCREENSHOTS'];
  const check = async (state: string): Promise<void> => {
    for (const [width, colorScheme] of [
      [1100, 'light'],
      [320, 'light'],
      [1100, 'dark'],
    ] as const) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      if (shots) await page.screenshot({ path: join(shots, `${state}-${width}-${colorScheme}.png`), fullPage: true });
      assert.deepEqual(await axeFaults(page), [], `${state}, ${width} pixels, ${colorScheme}`);
    }
  };
  await page.goto(address);
  await page.getByRole('button', { name: 'Begin' }).waitFor();
  await check('start');
  await page.keyboard.press('Enter');
  await page.locator('#question').waitFor();
  await check('question');
  await page.keyboard.press('?');
  await check('help');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Stop here' }).click();
  await check('stop');
  await page.getByRole('button', { name: 'Stop for good' }).click();
  await page.locator('#done').waitFor();
  await check('done');
});

test('single keys can be switched off, and stay off until they are switched on again', async (context) => {
  const { address, session } = await serve(context, testOf({ questions: 5, lines }));
  const page = await openPage(context);
  if (page === null) return;
  await begin(page, address);
  await page.getByRole('checkbox', { name: 'Answer with single keys' }).uncheck();
  const pressAll = async (): Promise<void> => {
    await page.waitForTimeout(410);
    for (const key of ['1', 'ArrowRight', 'k', 'u', '?']) await page.keyboard.press(key);
    assert.equal(await page.locator('#help-box').isVisible(), false);
  };
  await pressAll();
  assert.equal(session.state().answered, 0);
  assert.equal(await page.locator('kbd').first().isVisible(), false);
  await page.getByRole('button', { name: 'Text 1 is real' }).click();
  await page.locator('#progress:text("2 of 5")').waitFor();
  await pressAll();
  assert.equal(session.state().answered, 1);
  await page.getByRole('checkbox', { name: 'Answer with single keys' }).check();
  await press(page, '1', session, 2);
});

test('a second answer is not taken back', async (context) => {
  const { address, session } = await serve(context, testOf({ questions: 5, lines }));
  const page = await openPage(context);
  if (page === null) return;
  await begin(page, address);
  const undo = page.getByRole('button', { name: 'Take the last answer back' });
  assert.equal(await undo.isDisabled(), true);
  await press(page, '1', session, 1);
  await press(page, '1', session, 2);
  await press(page, 'u', session, 1);
  assert.equal(await undo.isDisabled(), true);
});

test('every control has a name', async (context) => {
  const { address } = await serve(context, testOf({ questions: 5, lines }));
  const page = await openPage(context);
  if (page === null) return;
  await begin(page, address);
  assert.match(
    await page.locator('main').ariaSnapshot(),
    /status: 1 of 5[^]*heading "Which text is real\?"[^]*list "Text 1"[^]*button "1 ?Text 1 is real"[^]*list "Text 2"[^]*button "2 ?Text 2 is real"[^]*button "K ?I remember this one"/,
  );
});

test('without the key, and without the server, the page says what to do', async (context) => {
  const { address, origin, server } = await serve(context, testOf({ questions: 5, lines }));
  const page = await openPage(context);
  if (page === null) return;
  await page.goto(`${origin}/`);
  await page.getByText('Open the whole address that `runner judge` printed.').waitFor();
  await page.goto('about:blank');
  await page.goto(address);
  await page.getByRole('button', { name: 'Begin' }).waitFor();
  await server.close();
  await page.keyboard.press('Enter');
  await page.getByText('Start `runner judge` again; everything that you answered before is saved.').waitFor();
});

test('an answer that cannot be written is said, and the question stays', async (context) => {
  const { address, session, file } = await serve(context, testOf({ questions: 5, lines }));
  const page = await openPage(context);
  if (page === null) return;
  await begin(page, address);
  const { append } = file;
  file.append = () => {
    throw new NotSaved('the answer could not be written: ENOSPC: no space left on device');
  };
  await page.waitForTimeout(410);
  await page.keyboard.press('1');
  await page.getByText('the answer could not be written: ENOSPC').waitFor();
  assert.equal(session.state().answered, 0);
  file.append = append;
  await press(page, '1', session, 1);
  assert.equal(await page.locator('#trouble').innerText(), '');
});

test('single texts are asked one at a time', async (context) => {
  const asked = testOf({ questions: 4, lines });
  asked.report.design = 'single';
  for (const question of asked.questions) {
    question.design = 'single';
    delete question.b;
  }
  const { address, session, file } = await serve(context, asked);
  const page = await openPage(context);
  if (page === null) return;
  await page.goto(address);
  await page.getByRole('button', { name: 'Begin' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('Is this text real?').waitFor();
  assert.equal(await page.locator('#right-card').isVisible(), false);
  for (let n = 0; n < 4; n++) await press(page, n % 2 === 0 ? '1' : 'ArrowRight', session, n + 1);
  assert.deepEqual(
    finalAnswers(file.records).map(({ chose, shown }) => [chose, shown]),
    [
      ['real', 'a'],
      ['generated', 'a'],
      ['real', 'a'],
      ['generated', 'a'],
    ],
  );
});
