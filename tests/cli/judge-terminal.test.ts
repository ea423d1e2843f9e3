import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { judgeInTerminal } from '../../src/cli/use/judge-terminal.ts';
import { openAnswersFile } from '../../src/judging/answers-file.ts';
import { openSession } from '../../src/judging/session.ts';
import { DIGEST, testOf } from '../judging/kit.ts';
import { temporaryDir } from '../kit/temporary.ts';

test('of lines that are pasted into a terminal, only what could have been read is an answer', async (context) => {
  const file = openAnswersFile(temporaryDir(context), { judge: 'ann', questions: DIGEST, order: 7 });
  if ('heldBy' in file) throw new Error('held');
  const session = openSession(
    { ...testOf({ questions: 5 }), digest: DIGEST },
    { file, judge: 'ann', order: 7, now: () => new Date() },
  );
  const typed = Object.assign(new PassThrough(), { isTTY: true });
  const ended = judgeInTerminal(session, typed);
  typed.write('no\n1\n2\nk\n');
  await sleep(600);
  assert.equal(session.state().answered, 0);
  typed.write('1\n2\n');
  await sleep(50);
  typed.end();
  assert.equal(await ended, false);
  assert.equal(session.state().answered, 1);
  file.close();
});
