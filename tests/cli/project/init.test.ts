import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { parse } from 'yaml';
import { projectRoot } from '../../../src/files/project-root.ts';
import { writeExport } from '../../kit/runner.ts';
import { temporaryDir } from '../../kit/temporary.ts';

const cli = join(projectRoot(), 'dist', 'cli.js');

function emptyFolder(context: TestContext) {
  const dir = temporaryDir(context);
  const { RUNNER_RUNS: _, ...inherited } = process.env;
  const call = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
      cwd: dir,
      env: { ...inherited, NO_COLOR: '1' },
      encoding: 'utf8',
    });
    return { code: status, stdout, output: stdout + stderr };
  };
  return { dir, call };
}

interface Written {
  stages: Record<string, { params: Record<string, unknown> }>;
}

test('init names format, people and size, and writes a pipeline that can be run at once', (context) => {
  const { dir, call } = emptyFolder(context);
  writeExport(join(dir, 'export'), 240, (index) => `secret${index} tea and rain`);
  const { code, output } = call('init', 'mine', '--data', 'export');
  assert.equal(code, 0, output);
  assert.match(output, /^chats {4}messenger: 480 messages in 2 conversations, by 3 people$/m);
  assert.match(output, /^people {3}Mira 240, Ana 120, Bo 120$/m);
  assert.match(output, /^size {5}[\d,]+ tokens to train on, [\d,]+ held out$/m);
  assert.match(output, /^timed {4}gpt2-nano: [\d.]+ m?s for a step of 1,024 tokens$/m);
  assert.match(output, /^training gpt2-nano from scratch: \d+ steps, [\d.]+ passes over the text, about \d+ \w+$/m);
  assert.match(output, /^next: cd mine && \S+ run$/m);
  assert.deepEqual(readdirSync(join(dir, 'mine')).toSorted(), ['chats.yaml', 'runner.yaml']);

  const text = readFileSync(join(dir, 'mine', 'chats.yaml'), 'utf8');
  assert.match(text, /# A step took [\d.]+ m?s on this machine \(\d+ cores?; [\d,]+ tokens\/s\)/);
  assert.match(text, /# \d+ steps of 8 x 128 tokens pass over the [\d,]+ tokens of text [\d.]+ times\./);
  assert.doesNotMatch(text + output, /secret/);
  const { stages } = parse(text) as Written;
  assert.equal(stages['chat']!.params['source'], join(dir, 'export'));
  assert.deepEqual(stages['samples']!.params['prompts'], ['Mira:', 'Ana:', 'Bo:']);

  const plan = spawnSync(process.execPath, [cli, 'plan'], {
    cwd: join(dir, 'mine'),
    env: { ...process.env, RUNNER_RUNS: join(dir, 'mine', 'runs'), NO_COLOR: '1' },
    encoding: 'utf8',
  });
  assert.equal(plan.status, 0, plan.stderr);
  assert.match(plan.stdout, /^next: \S+ run chats\.yaml$/m);
  assert.deepEqual(readdirSync(join(dir, 'export')), ['your_activity_across_facebook'], 'the data are untouched');
});

test('of a table, init finds the columns; data in the project are named from there', (context) => {
  const { dir, call } = emptyFolder(context);
  mkdirSync(join(dir, 'data'));
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${['Ann', 'Ben'][i % 2]},2020-01-${10 + (i % 20)} 10:00,tea at ${i}`,
  );
  writeFileSync(join(dir, 'data', 'all.csv'), `Sender,Date,Message\n${rows.join('\n')}\n`);
  const { code, output } = call('init', '--data', 'data/all.csv');
  assert.equal(code, 0, output);
  const { stages } = parse(readFileSync(join(dir, 'chats.yaml'), 'utf8')) as Written;
  assert.deepEqual(stages['chat']!.params, {
    source: './data/all.csv',
    format: 'csv',
    columns: { from: 'Sender', time: 'Date', text: 'Message' },
    splitAfterHours: 6,
  });
  assert.match(output, /^next: \S+ run$/m);
});

test('init overwrites nothing, and leaves nothing behind if it cannot read the data', (context) => {
  const { dir, call } = emptyFolder(context);
  assert.match(call('init', 'new', '--data', 'nowhere').output, /^error no file or folder "nowhere"; --data names/m);
  assert.ok(!existsSync(join(dir, 'new')));
  writeFileSync(join(dir, 'song.mp3'), Buffer.from([0xff, 0xfb, 0x90, 0, 0, 0, 1, 2, 3]));
  const unread = call('init', '--data', 'song.mp3');
  assert.equal(unread.code, 1);
  assert.match(unread.output, /^error cannot detect the format of .*; /m);
  assert.deepEqual(readdirSync(dir), ['song.mp3']);
  for (const name of ['runner.yaml', 'chats.yaml']) {
    const mine = emptyFolder(context);
    writeFileSync(join(mine.dir, name), '# mine\n');
    const refused = mine.call('init');
    assert.equal(refused.code, 2);
    assert.match(refused.output, new RegExp(`${name} exists, and "init" overwrites nothing`));
    assert.deepEqual(readdirSync(mine.dir), [name]);
    assert.equal(readFileSync(join(mine.dir, name), 'utf8'), '# mine\n');
  }
});
