import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  descendantsOf,
  endDescendants,
  killDescendants,
  markedInPs,
  newMark,
  withMarkedLimit,
  withMarkedVariable,
} from '../../src/process/descendants.ts';
import { printedBy } from '../../src/process/printed-by.ts';
import { markOf, mayBeAlive } from '../../src/process/process-mark.ts';
import { eventually, temporaryDir } from '../kit/temporary.ts';

const skip = existsSync('/usr/bin/prlimit') ? false : 'needs prlimit of util-linux';
const PATH = { PATH: process.env['PATH']! };

/** `$1` gets the pid of a process that sleeps. */
const SLEEPER = 'echo $$ > "$1.new"; mv "$1.new" "$1"; exec sleep 300';

/** Ways in which a process gets out of sight of the one that started it. */
const ESCAPES: Record<string, string> = {
  'in the background': `sh -c '${SLEEPER}' sh "$1" &`,
  'with nohup': `nohup sh -c '${SLEEPER}' sh "$1" >/dev/null 2>&1 &`,
  'in a session of its own': `setsid sh -c '${SLEEPER}' sh "$1" &`,
  'after a double fork': `( ( setsid sh -c '${SLEEPER}' sh "$1" & ) & )`,
  'without an environment': `setsid env -i PATH="$PATH" sh -c '${SLEEPER}' sh "$1" &`,
  'with its limits raised again': `setsid prlimit --locks=unlimited: sh -c '${SLEEPER}' sh "$1" &`,
};

async function escaped(context: TestContext, script: string, mark: string): Promise<number> {
  const path = join(temporaryDir(context), 'pid');
  const [program, ...args] = withMarkedLimit(['sh', '-c', script, 'sh', path], mark);
  const child = spawn(program!, args, { env: withMarkedVariable(PATH, mark), stdio: 'ignore' });
  await once(child, 'exit');
  await eventually('it sleeps', () => existsSync(path));
  return Number(readFileSync(path, 'utf8'));
}

for (const [way, script] of Object.entries(ESCAPES))
  test(`a process that was started ${way} is found and ended`, { skip }, async (context) => {
    const [mark, other] = [newMark(), newMark()];
    const pid = await escaped(context, script, mark);
    const bystander = await escaped(context, script, other);
    context.after(() => killDescendants([other]));
    assert.deepEqual(
      descendantsOf([mark]).map((found) => found.pid),
      [pid],
    );
    await endDescendants([mark]);
    assert.ok(!mayBeAlive(markOf(pid)));
    assert.ok(mayBeAlive(markOf(bystander)), 'what has another mark is left alone');
    assert.deepEqual(descendantsOf([mark]), []);
  });

test('processes that keep starting others are all ended', { skip }, async (context) => {
  const mark = newMark();
  const script = `setsid sh -c 'echo $$ > "$1"; while :; do sleep 300 & sleep 0.01; done' sh "$1" &`;
  await escaped(context, script, mark);
  await eventually('there are many', () => descendantsOf([mark]).length > 20);
  await endDescendants([mark]);
  assert.deepEqual(descendantsOf([mark]), []);
});

test('a program keeps the mark of a runner around ours', { skip }, () => {
  process.env['RUNNER_ATTEMPT'] = 'aaaaaaaaaaaaa';
  const env = withMarkedVariable({}, 'bbbbbbbbbbbbb');
  delete process.env['RUNNER_ATTEMPT'];
  assert.equal(env['RUNNER_ATTEMPT'], 'aaaaaaaaaaaaa bbbbbbbbbbbbb');
});

test('without a mark nothing is found', () => {
  assert.deepEqual(descendantsOf([]), []);
  assert.match(newMark(), /^[0-9a-f]{13}$/);
});

test('finds the variable in what ps prints of all processes', () => {
  const text = [
    '    1     1 Ss   /sbin/launchd',
    '  512   510 S    /usr/local/bin/node dist/cli.js exec-stage PATH=/bin RUNNER_ATTEMPT=0123456789abc fedcba9876543 HOME=/Users/ann',
    '  513   510 S+   python3 train.py RUNNER_ATTEMPT=0123456789abc',
    '  514   510 Z    (python3) RUNNER_ATTEMPT=0123456789abc',
    '  515   515 S    grep MY_RUNNER_ATTEMPT=0123456789abc',
    '  516   516 S    python3 RUNNER_ATTEMPT=1111111111111 SEEN=0123456789abc',
    '',
  ].join('\n');
  assert.deepEqual(markedInPs(text, ['0123456789abc']), [
    { pid: 512, group: 510 },
    { pid: 513, group: 510 },
  ]);
  assert.deepEqual(markedInPs(text, ['fedcba9876543']), [{ pid: 512, group: 510 }]);
  assert.deepEqual(markedInPs('', ['fedcba9876543']), []);
});

test("this machine's ps finds a real process by its variable", async (context) => {
  const mark = newMark();
  const path = join(temporaryDir(context), 'pid');
  const child = spawn('sh', ['-c', ESCAPES['in a session of its own']!, 'sh', path], {
    env: withMarkedVariable(PATH, mark),
    stdio: 'ignore',
  });
  await once(child, 'exit');
  await eventually('it sleeps', () => existsSync(path));
  const pid = Number(readFileSync(path, 'utf8'));
  context.after(() => process.kill(pid, 'SIGKILL'));
  // `axwwe` are the same options in the syntax of BSD, which this one wants for the environment
  const text = printedBy('ps', ['axwwe', '-o', 'pid=', '-o', 'pgid=', '-o', 'stat=', '-o', 'command=']);
  assert.deepEqual(markedInPs(text, [mark]), [{ pid, group: pid }]);
});
