import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import stringWidth from 'string-width';
import { publicVerbs } from '../../src/cli/help.ts';
import { verbs } from '../../src/cli/verbs/index.ts';
import { projectRoot } from '../../src/files/project-root.ts';
import { makeRun } from '../kit/run-folder.ts';
import { runJson, writeExport } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';

const WIDTHS = [60, 80, 120];
const LONG = 'conversations of a whole summer with everybody in it';

/** The lines that a command writes on a real terminal of this width, without colours; null where `script` is missing. */
function onTerminal(columns: number, args: string[], dir: string): string[] | null {
  const words = [process.execPath, join(projectRoot(), 'dist', 'cli.js'), ...args].map((word) => `'${word}'`).join(' ');
  const env = {
    ...process.env,
    RUNNER_RUNS: join(dir, 'runs'),
    RUNNER_CALLED_AS: './runner',
    NO_COLOR: '1',
    TERM: 'xterm',
  };
  const { error, stdout, status } = spawnSync(
    'script',
    ['-qec', `stty cols ${columns} rows 40; cd '${dir}'; exec ${words}`, '/dev/null'],
    { env, encoding: 'utf8' },
  );
  if (error) return null;
  assert.equal(status, 0, stdout);
  return stdout.replaceAll('\r', '').trimEnd().split('\n');
}

/** Real runs of a pipeline with a long name, and made ones that trained, with long names of stages and params. */
async function manyRuns(context: TestContext): Promise<{ dir: string; runs: string[] }> {
  const dir = temporaryDir(context);
  writeExport(join(dir, 'export'), 24);
  const file = join(dir, 'long.yaml');
  writeFileSync(
    file,
    `name: ${LONG}\nstages:\n  chat-of-the-whole-summer: { kind: ingest, params: { source: ./export, format: messenger } }\n  tokens: { kind: tokenize, inputs: { conversations: chat-of-the-whole-summer }, params: { template: "{name}: {text}", validation: 0.3 } }\n`,
  );
  const runsDir = join(dir, 'runs');
  const real = await runJson([file], runsDir);
  const other = await runJson([file, '--set=stages.tokens.params.validation=0.2'], runsDir);
  mkdirSync(join(dir, 'made'));
  const made = [0.002, 0.0005].map((peak, index) => {
    const run = `20260102-12000${index}-conversations-of-a-whole-summer-aaa${index}`;
    const curve = (name: string, values: number[]) =>
      values.map((value, at) => ({ name, step: at * 1000, value, time: 1000 * at }));
    makeRun(runsDir, {
      run,
      pipeline: LONG,
      title: `peak=${peak}`,
      params: { 'model.schedule.peak': String(peak), 'model.steps': '20' },
      sweep: { id: 'summer-123abc', index, values: { 'stages.model.params.schedule.peak': peak } },
      metrics: [...curve('eval/loss', [9.25, 5.125, 4.5]), ...curve('train/tokens_seen', [0, 1e6, 2e6])],
      samples: [{ prompt: 'Mira:', text: ` ${'tea and the sea '.repeat(12)}` }],
    });
    return run;
  });
  return { dir, runs: [real.run, other.run, ...made] };
}

test('ls, show, compare, diff, lineage and logs fit into 60, 80 and 120 columns, and names keep their ends', async (context) => {
  const { dir, runs } = await manyRuns(context);
  const ends = runs.map((run) => run.slice(-4));
  for (const columns of WIDTHS)
    for (const [args, named] of [
      [['ls'], ends],
      [['show', ends[0]!], ends.slice(0, 1)],
      [['show', ends[2]!], ends.slice(2, 3)],
      [['compare'], ends],
      [['compare', 'summer-123abc'], ends.slice(2)],
      [['diff', ends[0]!, ends[1]!], ends.slice(0, 2)],
      [['diff', ends[2]!, ends[3]!], ends.slice(2)],
      [['lineage', `${ends[0]}/tokens`], []],
      [['logs', ends[0]!], []],
    ] as const) {
      const lines = onTerminal(columns, [...args], dir);
      if (lines === null) return context.skip('no program `script` on this machine');
      for (const line of lines) {
        // a path or a command that is longer than the line cannot be shortened
        const isPasted = /^(files|next|page): |^ {2}runs\//.test(line);
        assert.ok(isPasted || stringWidth(line) <= columns, `${args.join(' ')} at ${columns}: ${line}`);
      }
      const table = lines.filter((line) => !/^(files|next):/.test(line)).join('\n');
      for (const end of named)
        assert.ok(table.includes(end), `${args.join(' ')} at ${columns}: no ${end} in\n${table}`);
    }
});

test('at 80 columns, a list of short names needs one row each and keeps its loss', async (context) => {
  const dir = temporaryDir(context);
  makeRun(join(dir, 'runs'), {
    run: '20261130-081801-quickstart-31ee',
    pipeline: 'quickstart',
    metrics: [{ name: 'eval/loss', step: 10, value: 3.461, time: 1 }],
    results: [{ seconds: 366 }],
  });
  const lines = onTerminal(80, ['ls'], dir);
  if (lines === null) return context.skip('no program `script` on this machine');
  assert.match(lines[0]!, /^run +pipeline +when +took +outcome +loss$/);
  assert.match(lines[1]!, /^quickstart-31ee {2}quickstart {2}2026-01-02 \d\d:\d\d {2}65 s {2}done +3\.461$/);
});

test('the help of every verb fits, and no word in it is broken', async (context) => {
  const dir = temporaryDir(context);
  for (const columns of WIDTHS)
    for (const args of [['help'], ...publicVerbs(verbs).map(({ name }) => ['help', name])]) {
      const lines = onTerminal(columns, args, dir);
      if (lines === null) return context.skip('no program `script` on this machine');
      const whole = onTerminal(400, args, dir)!;
      assert.deepEqual(
        lines.filter((line) => stringWidth(line) > columns && !/^ *(example: |get started)/.test(line)),
        [],
      );
      const words = (text: string[]): string => text.join(' ').replace(/\s+/g, ' ');
      assert.equal(words(lines), words(whole), `${args.join(' ')} at ${columns}`);
    }
});
