import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { projectRoot } from '../../src/files/project-root.ts';
import { comparePage } from '../../src/pages/compare-page.ts';
import type { ComparedRun, Comparison } from '../../src/pages/comparison.ts';
import { temporaryDir } from '../kit/temporary.ts';

const script = readFileSync(join(projectRoot(), 'dist', 'pages', 'compare.js'), 'utf8');

function run(name: string, peak: string, losses: number[]): ComparedRun {
  const steps = losses.map((_, index) => index * 10);
  const last = { value: losses.at(-1)!, step: steps.at(-1)! };
  return {
    run: name,
    label: `peak=${peak}`,
    outcome: 'done',
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
  differing: [{ path: 'model.peak', name: 'peak' }],
  runs: [run('first', '0.001', [10, 5, 3]), run('second', '0.01', [10, 6, NaN])],
  curves: ['eval/loss'],
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
  assert.doesNotMatch(dom, /id="trouble"/);
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

// ---------------------------------------------------------------------------

/**
 * The page's DOM after its script has run; skips the test and returns null if there is no browser. An error in the
 * script adds an element with the id `trouble`.
 */
async function inBrowser(context: TestContext, page: string): Promise<string | null> {
  const browser = findBrowser();
  if (!browser) {
    context.skip('no Chromium on this machine');
    return null;
  }
  const dir = temporaryDir(context);
  const path = join(dir, 'page.html');
  const watch = `<script>addEventListener('error', (e) => document.body.insertAdjacentHTML('beforeend', '<i id="trouble"></i>')); addEventListener('securitypolicyviolation', () => document.body.insertAdjacentHTML('beforeend', '<i id="trouble"></i>'));</script>`;
  writeFileSync(path, page.replace('<div id="page">', `${watch}<div id="page">`));
  const { stdout } = await promisify(execFile)(
    browser,
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      `--user-data-dir=${join(dir, 'profile')}`,
      '--window-size=1200,1000',
      '--virtual-time-budget=4000',
      '--dump-dom',
      `file://${path}`,
    ],
    { maxBuffer: 1 << 26, timeout: 60_000 },
  );
  return stdout.replaceAll(/<script\b[^>]*>[^]*?<\/script>/g, '');
}

function findBrowser(): string | null {
  const named = process.env['CHROMIUM'];
  if (named) return named;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome'])
    if (spawnSync('which', [name]).status === 0) return name;
  const cache = join(homedir(), '.cache', 'ms-playwright');
  for (const version of existsSync(cache) ? readdirSync(cache) : [])
    for (const program of ['chrome-linux/chrome', 'chrome-linux/headless_shell'])
      if (existsSync(join(cache, version, program))) return join(cache, version, program);
  return null;
}
