import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { finalAnswers } from '../../src/judging/answers.ts';
import { openAnswersFile } from '../../src/judging/answers-file.ts';
import { NotNow, openSession, type Session } from '../../src/judging/session.ts';
import { temporaryDir } from '../kit/temporary.ts';
import { DIGEST, judged, testOf } from './kit.ts';

/** Opens the session of a judge, as each start of the command does; `close` ends it. */
function opened(dir: string, questions = 6) {
  const file = openAnswersFile(dir, { judge: 'ann', questions: DIGEST, order: 7 });
  if ('heldBy' in file) throw new Error('held');
  const session = openSession(
    { ...testOf({ questions }), digest: DIGEST },
    { file, judge: 'ann', order: 7, now: () => new Date() },
  );
  return { file, session, close: () => file.close() };
}

function answerNext(session: Session, chose: 'left' | 'right' = 'left'): void {
  session.answer({ number: session.state().question!.number, chose, ms: 900 });
}

test('only the last answer can be taken back, and only once, in the next session too', (context: TestContext) => {
  const dir = temporaryDir(context);
  let { session, file, close } = opened(dir);
  session.begin(false);
  assert.equal(session.state().canUndo, false);
  answerNext(session);
  answerNext(session);
  answerNext(session);
  assert.equal(session.state().canUndo, true);
  session.undo();
  assert.deepEqual([session.state().answered, session.state().canUndo], [2, false]);
  assert.throws(() => session.undo(), NotNow);
  close();
  ({ session, file, close } = opened(dir));
  assert.throws(() => session.undo(), NotNow);
  answerNext(session, 'right');
  close();
  ({ session, file, close } = opened(dir));
  session.undo();
  assert.throws(() => session.undo(), NotNow);
  assert.equal(finalAnswers(file.records).length, 2);
  close();
});

test('answers name their question and its sides, so they count and the test goes on in whatever order', (context) => {
  const dir = temporaryDir(context);
  const asked = testOf({ questions: 6 });
  const begun = opened(dir);
  begun.session.begin(false);
  for (const [n, { id, real }] of asked.key.slice(0, 4).entries()) {
    const shown = n % 2 === 0 ? 'ab' : 'ba';
    const chose = shown[0] === real ? 'left' : 'right';
    begun.file.append({ id, shown, chose, known: false, ms: 900, at: '2026-12-01T00:00:00Z' });
  }
  begun.close();
  const { session, file, close } = opened(dir);
  const seen: string[] = [];
  while (session.state().phase === 'asking') {
    seen.push(session.state().question!.left[0]![1]);
    answerNext(session);
  }
  assert.deepEqual(seen.sort(), ['text of q005', 'text of q006']);
  const [judge] = judged(asked, { header: file.header!, records: file.records }).people;
  assert.ok(judge!.right >= 4 && judge!.answers === 6, `${judge!.right} of ${judge!.answers}`);
  close();
});
