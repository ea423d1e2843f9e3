import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../src/files/project-root.ts';
import { isComparePage } from '../../src/pages/compare-page.ts';
import { isRunPage, runPage } from '../../src/pages/run-page.ts';
import type { RunStory } from '../../src/pages/run-story.ts';
import { accessibilityFaults, faultsOf, openBrowser, valueIn } from '../kit/browser.ts';
import { makeRun } from '../kit/run-folder.ts';
import { runRunner } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';

const script = readFileSync(join(projectRoot(), 'dist', 'pages', 'run.js'), 'utf8');
const WIDTHS = [390, 1160, 1600];
const steps = [0, 10, 20];
const long = 'a-very-long-word-without-a-break-'.repeat(6);

const story: RunStory = {
  name: 'tea-1a2b',
  run: '20260102-120000-tea-1a2b',
  pipeline: 'tea',
  point: null,
  outcome: 'failed',
  trouble: null,
  started: '2026-01-02 12:00',
  seconds: 75,
  description: 'a <b>bold</b> try',
  tags: ['draft'],
  notes: ['</script><script>alert(1)</script>'],
  stages: [
    {
      name: 'model',
      kind: 'train',
      outcome: 'ran',
      seconds: 75,
      error: null,
      origin: {
        artifact: 'a'.repeat(64),
        key: 'b'.repeat(64),
        version: 3,
        inputs: { tokens: 'tokens' },
        sources: [{ param: 'source', named: `./${long}`, digest: 'c'.repeat(64) }],
        environment: { engine: 'tensorflow', cpu: 'x64' },
      },
    },
    { name: 'samples', kind: 'sample', outcome: 'failed', seconds: 1, error: 'no room & no time', origin: null },
  ],
  curves: {
    title: 'tea',
    metric: 'eval/loss',
    lessIsBetter: true,
    equalTokens: null,
    differing: [],
    common: [],
    curves: ['eval/loss', 'train/lr'],
    metricNames: { 'eval/loss': 'held-out loss' },
    runs: [
      {
        run: '20260102-120000-tea-1a2b',
        name: 'tea-1a2b',
        label: 'tea-1a2b',
        outcome: 'failed',
        startedMs: 1_750_000_000_000,
        data: [],
        params: {},
        best: { value: 3, step: 20 },
        last: { value: 3, step: 20 },
        atEqualTokens: null,
        tokens: null,
        seconds: 75,
        curves: { 'eval/loss': { steps, values: [9, 5, 3] }, 'train/lr': { steps, values: [0.1, 0.2, NaN] } },
        clock: { steps, tokens: null, seconds: steps },
        samples: [],
      },
    ],
  },
  reports: [
    {
      stage: 'report',
      trained: { loss: 3.25, perplexity: 25.8, bitsPerByte: 1.5 },
      baseline: { loss: 10.8, perplexity: 50_000, bitsPerByte: 5 },
      classes: [
        { name: 'name', loss: 1.5, tokens: 40 },
        { name: 'text', loss: 6, tokens: 60 },
      ],
      speakers: [
        { name: 'Mira <&"', loss: 3, tokens: 70 },
        { name: long, loss: NaN, tokens: 30 },
      ],
    },
  ],
  conversations: [
    {
      stage: 'chat',
      format: 'csv',
      counts: ['1 conversation', '2 messages', '2 people'],
      dropped: ['3 photo'],
      noticed: [],
      template: '{name}: {text}',
      excerpts: [{ id: 'a<1>', lines: ['Ann: <hi>', `Ben: ${long}`], more: 7 }],
      changes: ['another form of the lines'],
    },
  ],
  samples: [{ stage: 'samples', prompt: 'Mira:', text: ' <i>tea</i>\u2028?' }],
  resources: [{ name: 'memory, at most', value: '0.55 GB' }],
  chosen: [{ path: `model.${long}`, value: long }],
  yaml: 'name: tea # <&',
  writtenBy: 'chat-runner',
};

test('the page of a run is self-contained and holds texts only as text', () => {
  const html = runPage(story, script);
  const outside = html.replaceAll(/<script\b[^>]*>[^]*?<\/script>/g, '');
  assert.deepEqual(outside.match(/\b(?:src|href|url|action|data)\s*[=(]|@import|https?:/gi), null);
  assert.match(html, /default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"/);
  assert.equal(html.match(/<script/g)?.length, 2);
  for (const text of ['a &lt;b>bold&lt;/b> try', 'Mira &lt;&amp;&quot;', 'no room &amp; no time', ' &lt;i>tea&lt;/i>'])
    assert.ok(outside.includes(text), text);
  assert.ok(outside.includes('c'.repeat(64)), 'digests of sources are complete');
  assert.deepEqual([isRunPage(html), isComparePage(html), isRunPage('<!doctype html>')], [true, false, false]);
});

test(
  'a real browser shows a run at every width, and texts only after a click',
  { timeout: 120_000 },
  async (context) => {
    const browser = await openBrowser(context);
    if (!browser) return;
    const path = join(temporaryDir(context), 'run.html');
    writeFileSync(path, runPage(story, script));
    for (const width of WIDTHS)
      for (const colorScheme of ['light', 'dark'] as const) {
        const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
        const faults = faultsOf(page, `file://${path}`);
        await page.goto(`file://${path}`);
        await page.locator('#curves svg path[stroke-width="2"]').first().waitFor();
        assert.deepEqual(await Promise.all((await page.locator('.card').all()).map((card) => card.isVisible())), [
          false,
          false,
        ]);
        assert.equal(await page.getByRole('heading', { name: 'Samples' }).isVisible(), true);
        await page.getByText('show the sample').click();
        await page.getByText('show a conversation').click();
        assert.deepEqual(await Promise.all((await page.locator('.card').all()).map((card) => card.isVisible())), [
          true,
          true,
        ]);
        await page.getByText('the resolved pipeline').click();
        await page.locator('select').selectOption('train/lr');
        assert.equal(await valueIn(page, 'document.documentElement.scrollWidth'), width, `no overflow at ${width}`);
        assert.deepEqual(await accessibilityFaults(page), []);
        assert.deepEqual(faults, []);
        await page.close();
      }
  },
);

test('show --html writes the page of a run, replaces only its own pages, and names nobody in the terminal', async (context) => {
  const runs = temporaryDir(context);
  const dir = makeRun(runs, {
    run: '20260102-120000-tea-1a2b',
    metrics: [9, 5].map((value, step) => ({ name: 'eval/loss', step, value, time: step })),
    samples: [{ prompt: 'Mira:', text: ' earl grey' }],
    stages: { report: { kind: 'evaluate' }, samples: { kind: 'sample', params: { prompts: ['Mira:'] } } },
    results: [
      { name: 'samples', kind: 'sample' },
      { name: 'report', kind: 'evaluate', artifact: 'd'.repeat(64) },
    ],
  });
  const made = join(dir, 'stages', 'report');
  mkdirSync(made);
  const measured = { loss: 3.25, perplexity: 25.8, bitsPerByte: 1.5 };
  writeFileSync(join(made, 'report.json'), JSON.stringify({ ...measured, classes: { text: { loss: 6, tokens: 60 } } }));
  writeFileSync(join(made, 'speakers.json'), JSON.stringify([{ name: 'Zenobia', loss: 2, tokens: 9 }]));
  const page = join(runs, 'run.html');
  const show = () => runRunner(['show', 'tea-1a2b', '--html', page], runs);
  const { code, stdout } = await show();
  assert.equal(code, 0);
  assert.match(stdout, /page: .*run\.html \(open it in a browser; it needs no network\)\n$/);
  assert.doesNotMatch(stdout, /Zenobia/);
  const html = readFileSync(page, 'utf8');
  for (const text of ['Zenobia', 'earl grey', '3.250', '25.8', 'samples.prompts']) assert.ok(html.includes(text), text);
  assert.equal((await show()).code, 0, 'its own page is replaced');
  writeFileSync(page, 'my notes');
  const refused = await show();
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /run\.html exists and is not a page of `show`; remove it, or name another file/);
  assert.equal(readFileSync(page, 'utf8'), 'my notes');
});
