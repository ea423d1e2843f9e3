import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestContext } from 'node:test';
import { markOf, mayBeAlive } from '../../src/process/process-mark.ts';
import { runJson, runRunner, stagePid, startRunner } from '../kit/runner.ts';
import type { RunJson } from '../kit/runner.ts';
import { eventually, temporaryDir } from '../kit/temporary.ts';

/** A pipeline of one stage that runs a shell script with {out}, {scratch} and a folder where it may leave traces. */
function scriptOf(context: TestContext, script: string, more = '') {
  const dir = temporaryDir(context);
  const [runs, traces, file] = [join(dir, 'runs'), join(dir, 'traces'), join(dir, 'p.yaml')];
  mkdirSync(traces);
  writeFileSync(join(dir, 'own.sh'), script);
  writeFileSync(
    file,
    `name: p
stages:
  work: { kind: command, ${more} params: { argv: [sh, ./own.sh, "{out}", "{scratch}", ${JSON.stringify(traces)}], code: [./own.sh] } }
`,
  );
  const trace = (name: string): number | null =>
    existsSync(join(traces, name)) ? Number(readFileSync(join(traces, name), 'utf8')) || null : null;
  return { runs, file, traces, trace, work: join(runs, 'store', 'work') };
}

const isAlive = (pid: number): boolean => mayBeAlive(markOf(pid));
const stageOf = ({ stages: [stage] }: RunJson) => stage!;
const artifactOf = (runs: string, run: RunJson, file: string): string =>
  readFileSync(join(runs, 'store', 'artifacts', String(stageOf(run).artifact), file), 'utf8');

/** How a program may leave the process group of its stage; each runs `$LOOP` and waits for it. */
const LEAVING: Record<string, string> = {
  'stays in its group': 'sh -c "$LOOP" sh "$@"',
  'starts a session of its own': 'setsid --wait sh -c "$LOOP" sh "$@"',
  'ignores SIGHUP': 'nohup sh -c "$LOOP" sh "$@" </dev/null >/dev/null 2>&1',
  'forks twice and drops its environment':
    '( ( setsid env -i PATH="$PATH" sh -c "$LOOP" sh "$@" & ) & ); while [ ! -e "$2/done" ]; do sleep 0.05; done',
};
const LOOP = `LOOP='echo $$ > "$3/$$"; n=0; while [ $n -lt 40 ]; do n=$((n+1)); echo $n >> "$1/lines"; sleep 0.03; done; echo > "$2/done"'`;
const LINES = Array.from({ length: 40 }, (_, n) => `${n + 1}\n`).join('');

for (const [way, start] of Object.entries(LEAVING))
  test(
    `when the stage process is killed, the next attempt has its folder to itself: a program that ${way}`,
    { timeout: 90_000 },
    async (context) => {
      const { file, runs, traces } = scriptOf(context, `${LOOP}\n${start}\n`, 'retry: { times: 2 },');
      const started = startRunner(['run', file, '--json'], runs);
      await eventually('the first attempt is at work', () => readdirSync(traces).length > 0);
      process.kill(stagePid(runs)!, 'SIGKILL');
      const { code, stdout, stderr } = await started.ended;
      assert.equal(code, 0, stderr);
      const run = JSON.parse(stdout) as RunJson;
      assert.equal(stageOf(run).attempts, 2);
      assert.equal(artifactOf(runs, run, 'lines'), LINES);
      assert.deepEqual(
        readdirSync(traces)
          .map(Number)
          .filter((pid) => isAlive(pid)),
        [],
      );
    },
  );

test(
  'when runner and stage are killed, the next run ends what is left before it begins',
  { timeout: 90_000 },
  async (context) => {
    const { file, runs, traces } = scriptOf(context, `${LOOP}\nsetsid --wait sh -c "$LOOP" sh "$@"\n`);
    const started = startRunner(['run', file], runs);
    await eventually('the first attempt is at work', () => readdirSync(traces).length > 0);
    started.child.kill('SIGKILL');
    process.kill(stagePid(runs)!, 'SIGKILL');
    await started.ended;
    const left = readdirSync(traces).map(Number);
    assert.ok(left.some(isAlive));
    const run = await runJson([file], runs);
    assert.equal(artifactOf(runs, run, 'lines'), LINES);
    assert.deepEqual(left.filter(isAlive), []);
  },
);

test(
  'work of an earlier version, with one `out` for all attempts, is resumed',
  { timeout: 60_000 },
  async (context) => {
    const script = `if [ -e "$2/half" ]; then cat "$2/half" > "$1/whole"; exit 0; fi
echo half > "$2/half"; echo stray > "$1/stray"; echo 1 > "$3/saved"; sleep 300`;
    const { file, runs, trace, work } = scriptOf(context, script);
    const started = startRunner(['run', file], runs);
    await eventually('it has saved', () => trace('saved') !== null);
    started.child.kill('SIGINT');
    await started.ended;
    const folder = join(work, readdirSync(work)[0]!);
    const out = readdirSync(folder).find((name) => name.startsWith('out'))!;
    renameSync(join(folder, out), join(folder, 'out'));
    const run = await runJson([file], runs);
    assert.equal(artifactOf(runs, run, 'whole'), 'half\n');
    assert.ok(!existsSync(join(runs, 'store', 'artifacts', String(stageOf(run).artifact), 'stray')));
  },
);

test(
  'a process that outlives its stage is ended and cannot write to the sealed artifact; the run says so',
  { timeout: 60_000 },
  async (context) => {
    const script = `printf AAAA > "$1/f"
( ( setsid env -i sh -c 'exec 3<>"$1/f"; echo $$ > "$2/pid"; sleep 5; printf BBBB >&3' sh "$1" "$3" & ) & )
while [ ! -e "$3/pid" ]; do sleep 0.05; done`;
    const { file, runs, trace } = scriptOf(context, script);
    const { code, stdout, stderr } = await runRunner(['run', file], runs);
    assert.equal(code, 0, stderr);
    assert.match(stdout + stderr, /that the program had started outlived it by 2 s and w(as|ere) killed/);
    assert.equal(isAlive(trace('pid')!), false);
    const run = await runJson([file], runs);
    assert.equal(stageOf(run).outcome, 'cached');
    assert.equal(artifactOf(runs, run, 'f'), 'AAAA');
  },
);

test('a daemon that keeps the output open does not hold up its stage', { timeout: 60_000 }, async (context) => {
  const script = `echo whole > "$1/f"; setsid sh -c 'echo $$ > "$1/pid"; exec sleep 300' sh "$3" & echo last words`;
  const { file, runs, trace } = scriptOf(context, script);
  const run = await runJson([file], runs);
  assert.equal(artifactOf(runs, run, 'f'), 'whole\n');
  assert.equal(isAlive(trace('pid')!), false);
  const log = join(runs, 'store', 'keys', String(stageOf(run).key), 'log.txt');
  assert.match(readFileSync(log, 'utf8'), /last words/);
});

const DEAF = `setsid --wait sh -c 'trap "" TERM INT HUP; echo $$ > "$1/pid"; while :; do sleep 0.1; done' sh "$3"`;

test('a second Ctrl-C also kills a program that left the process group', { timeout: 60_000 }, async (context) => {
  const { file, runs, trace } = scriptOf(context, DEAF);
  const started = startRunner(['run', file], runs);
  await eventually('it is at work', () => trace('pid') !== null);
  started.child.kill('SIGINT');
  await eventually('the first one is acknowledged', () => /Ctrl-C again/.test(started.output()));
  await sleep(500); // two signals at once count as one key press
  started.child.kill('SIGINT');
  assert.equal((await started.ended).code, 130);
  await eventually('it has ended', () => !isAlive(trace('pid')!));
});

test(
  'with `killAfter`, one Ctrl-C ends a program that ignores SIGTERM; it is not part of the key',
  { timeout: 60_000 },
  async (context) => {
    const { file, runs, trace } = scriptOf(context, `[ -e "$2/x" ] && echo > "$1/y" && exit; echo > "$2/x"; ${DEAF}`);
    const started = startRunner(['run', file, '--set', 'stages.work.runtime.killAfter=1s'], runs);
    await eventually('it is at work', () => trace('pid') !== null);
    started.child.kill('SIGINT');
    const { code, stdout } = await started.ended;
    assert.equal(code, 130, stdout);
    assert.match(stdout, /■ work +stopped/);
    assert.equal(isAlive(trace('pid')!), false);
    const [first, second] = [
      await runJson([file], runs),
      await runJson([file, '--set', 'stages.work.runtime.killAfter=1h'], runs),
    ];
    assert.deepEqual([stageOf(second).outcome, stageOf(second).key], ['cached', stageOf(first).key]);
  },
);

const CHANGES: Record<string, string> = {
  'writes as many bytes and restores the time':
    'chmod u+w "$0/f"; touch -r "$0/f" "$1/t"; echo OTHER > "$0/f"; touch -r "$1/t" "$0/f"; rm "$1/t"',
  'adds a file': 'echo > "$0/more"',
  'removes a file': 'rm -f "$0/f"',
  'renames a file': 'mv -f "$0/f" "$0/g"',
};

for (const [way, script] of Object.entries(CHANGES))
  test(`the output of a program that ${way} in its input is not sealed`, { timeout: 60_000 }, async (context) => {
    const dir = temporaryDir(context);
    const [file, runs] = [join(dir, 'p.yaml'), join(dir, 'runs')];
    writeFileSync(
      file,
      `name: p
stages:
  a: { kind: command, params: { argv: [sh, -c, 'echo MINE_ > "$0/f"', "{out}"] } }
  b: { kind: command, inputs: { from: a }, params: { argv: [sh, -c, ${JSON.stringify(`${script}; echo > "$1/x"`)}, "{in:from}", "{out}"] } }
`,
    );
    const { code, stdout, stderr } = await runRunner(['run', file], runs);
    assert.equal(code, 1, stdout);
    assert.match(stdout + stderr, /changed its input "from", so its output was discarded/);
  });
