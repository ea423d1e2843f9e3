import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from '../../src/files/project-root.ts';
import { comparePage } from '../../src/pages/compare-page.ts';
import type { ComparedRun, Comparison } from '../../src/pages/comparison.ts';
import { accessibilityFaults, faultsOf, openBrowser, valueIn } from '../kit/browser.ts';
import { temporaryDir } from '../kit/temporary.ts';

const script = readFileSync(join(projectRoot(), 'dist', 'pages', 'compare.js'), 'utf8');

function run(name: string, peak: string, losses: number[]): ComparedRun {
  const steps = losses.map((_, index) => index * 10);
  const last = { value: losses.at(-1)!, step: steps.at(-1)! };
  return {
    run: name,
    name,
    label: `peak=${peak}`,
    outcome: 'done',
    startedMs: 1_750_000_000_000,
    data: ['chats.csv · 4be1a2'],
    params: { 'model.peak': peak },
    best: { value: Math.min(...losses.filter(Number.isFinite)), step: 10 },
    last,
    atEqualTokens: last.value,
    tokens: 800,
    seconds: 12,
    curves: { 'eval/loss': { steps, values: losses } },
    clock: { steps, tokens: steps.map((step) => step * 40), seconds: steps },
    samples: [{ prompt: 'Mira:', texts: [`</script><b>${name}</b> <!-- \u2028`] }],
  };
}

const comparison: Comparison = {
  title: 'a <sweep> & "more"',
  metric: 'eval/loss',
  lessIsBetter: true,
  equalTokens: 800,
  common: [{ path: 'model.steps', value: '20' }],
  differing: [{ path: 'model.peak', name: 'peak' }],
  runs: [run('first', '0.001', [10, 5, 3]), run('second', '0.01', [10, 6, NaN])],
  curves: ['eval/loss'],
  metricNames: { 'eval/loss': 'held-out loss' },
};

test('the page is self-contained: no addresses, no files, no network requests', () => {
  const page = comparePage(comparison, script);
  const outside = page
    .replaceAll(/<script\b[^>]*>[^]*?<\/script>/g, '')
    .match(/\b(?:src|href|url|import|action|data)\s*[=(]|@import|https?:/gi);
  assert.deepEqual(outside, null, 'there are no references outside its scripts');
  assert.match(
    page,
    /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"/,
  );
  assert.equal(page.match(/<script/g)?.length, 2);
  assert.equal(page.match(/<\/script>/g)?.length, 2, 'no text can close a script element');
  assert.doesNotMatch(
    script,
    /\bfetch\(|XMLHttpRequest|WebSocket|sendBeacon|importScripts|createElement\("script"\)/,
    'the script requests nothing',
  );
});

test('the data survive unchanged, whatever text they contain', () => {
  const page = comparePage(comparison, script);
  const text = /<script type="application\/json" id="comparison">([^]*?)<\/script>/.exec(page)?.[1] ?? '';
  const back = JSON.parse(text) as Comparison;
  assert.deepEqual(back.runs[0], comparison.runs[0]);
  assert.deepEqual(back.runs[1]?.curves['eval/loss']?.values, [10, 6, 'NaN']);
  assert.match(page, /<title>a &lt;sweep> &amp; &quot;more&quot;: 2 runs compared<\/title>/);
});

test('a real browser opens the file and draws curves, table, parallel coordinates and samples', async (context) => {
  const dom = await inBrowser(context, comparePage(comparison, script));
  if (dom === null) return;
  assert.equal(dom.match(/<tbody>[^]*<\/tbody>/)?.[0].match(/<tr/g)?.length, 2);
  const [curves = '', parallel = ''] = ['curves of', 'params against'].map(
    (label) => new RegExp(`aria-label="${label}[^]*?</svg>`).exec(dom)?.[0],
  );
  for (const [what, svg] of Object.entries({ curves, parallel }))
    for (const colour of ['#0072b2', '#d55e00'])
      assert.match(
        svg,
        new RegExp(`<path[^>]* d="M[^"]*[LC][^"]*"[^>]*stroke="${colour}"`),
        `${what}: a line in ${colour}`,
      );
  assert.match(dom, />peak=0\.001</);
  assert.match(dom, /&lt;\/script&gt;&lt;b&gt;first&lt;\/b&gt;/, 'samples are text, never markup');
});

test('a real browser draws pages without curves and with a hundred runs', async (context) => {
  const none = await inBrowser(
    context,
    comparePage(
      {
        ...comparison,
        metric: null,
        curves: [],
        differing: [],
        runs: comparison.runs.map((compared) => ({
          ...compared,
          best: null,
          last: null,
          atEqualTokens: null,
          curves: {},
          samples: [],
        })),
      },
      script,
    ),
  );
  if (none === null) return;
  assert.match(none, /No run has a curve/);
  const many = await inBrowser(
    context,
    comparePage(
      {
        ...comparison,
        runs: Array.from({ length: 100 }, (_, i) => run(`r${i}`, String(0.001 * (i + 1)), [10, 5, 3 + i / 100])),
      },
      script,
    ),
  );
  assert.equal(many?.match(/<tbody>[^]*<\/tbody>/)?.[0].match(/<tr/g)?.length, 100);
  assert.match(
    many ?? '',
    /stroke="rgb\(0,32,77\)"/,
    'too many runs for distinct colours: a colour scale, darkest for the best',
  );
});

test('unlike runs fit at every width, and what has no column is listed', { timeout: 120_000 }, async (context) => {
  const browser = await openBrowser(context);
  if (!browser) return;
  const paths = Array.from({ length: 60 }, (_, index) => `model.some.very.long.param.number${index}`);
  const unlike = ['first', 'second', 'third'].map((name, at) => ({
    ...run(`${name}-pipeline-of-a-long-name-12ab`, '0.1', [10, 5, 3 + at]),
    params: Object.fromEntries(paths.map((path) => [path, `${at} ${'a-long-value-'.repeat(6)}`])),
  }));
  const path = join(temporaryDir(context), 'page.html');
  const differing = paths.map((name) => ({ path: name, name: name.slice(6) }));
  writeFileSync(path, comparePage({ ...comparison, differing, runs: unlike }, script));
  for (const width of [390, 1160, 1600]) {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const faults = faultsOf(page, `file://${path}`);
    await page.goto(`file://${path}`);
    await page.getByText('56 more params differ').click();
    await page.getByText('1 chosen param is the same in all runs').click();
    const overflow = 'document.querySelector(".scroll").scrollWidth - document.querySelector(".scroll").clientWidth';
    assert.equal(await valueIn(page, overflow), 0, `the table fits at ${width}`);
    assert.equal(await valueIn(page, 'document.documentElement.scrollWidth'), width, `no overflow at ${width}`);
    assert.equal(await page.getByText('chats.csv · 4be1a2').isVisible(), true);
    assert.equal(await page.locator('svg text', { hasText: 'held-out loss' }).first().isVisible(), true, 'y axis');
    await page.getByRole('button', { name: 'curve of second' }).press('Enter');
    assert.equal(await page.locator('tbody tr.off').count(), 1);
    assert.deepEqual(await accessibilityFaults(page), []);
    assert.deepEqual(faults, []);
    await page.close();
  }
});

// ---------------------------------------------------------------------------

/** The page's DOM after its script has run without faults; skips the test and returns null if there is no browser. */
async function inBrowser(context: TestContext, html: string): Promise<string | null> {
  const browser = await openBrowser(context);
  if (browser === null) return null;
  const path = join(temporaryDir(context), 'page.html');
  writeFileSync(path, html);
  const page = await browser.newPage({ viewport: { width: 1200, height: 1000 } });
  const faults = faultsOf(page, `file://${path}`);
  await page.goto(`file://${path}`);
  await sleep(500); // the charts have grown to their size
  assert.deepEqual(faults, []);
  return (await page.content()).replaceAll(/<script\b[^>]*>[^]*?<\/script>/g, '');
}
