import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { KeyEntry, ShownLine } from '../../src/artifacts/questions.ts';
import { finalAnswers, readAnswers } from '../../src/judging/answers.ts';
import { keyOf, type Digest, type PreImage } from '../../src/pipeline/plan/key.ts';
import { runRunner, startRunner } from '../kit/runner.ts';
import { eventually } from '../kit/temporary.ts';
import { testOf, type Asked } from '../judging/kit.ts';
import { kill9, runWithTest, startJudge, type Client } from '../judging/served.ts';

/** Only this test can read from a text which question and side it is. */
const telling = (id: string, side: 'a' | 'b'): ShownLine[] => [['B', `${id} ${side}`]];
const telltale = (asked: Asked) => testOf({ ...asked, lines: telling });

/** Answers until the end, as a mind that sees the whole truth decides. Returns everything that the server sent. */
async function answerAll(
  { ask }: Client,
  key: readonly KeyEntry[],
  mind: (entry: KeyEntry, left: string) => string,
  until = Infinity,
): Promise<string[]> {
  const sent: string[] = [];
  let state = await ask('/judge');
  if (state.phase === 'start') state = await ask('/judge/begin', { tookPart: false });
  for (let answers = 0; state.phase === 'asking' && answers < until; answers++) {
    sent.push(state.raw);
    const [id, left] = state.question!.left[0]![1].split(' ') as [string, string];
    const took = mind(
      key.find((entry) => entry.id === id)!,
      left,
    );
    state = await ask('/judge/answer', {
      number: state.question!.number,
      chose: took === left ? 'left' : 'right',
      ms: 1234.5,
    });
    assert.equal(state.status, 200, state.raw);
  }
  return sent;
}

const answered = (dir: string): string[] =>
  finalAnswers(readAnswers(dir, 'ann.jsonl')?.records ?? []).map(({ id }) => id);

test('a judge who always takes the longer text, through the real server: 50 %, and length is named', async (context) => {
  const blind = telltale({ questions: 108 });
  const made = runWithTest(context, blind);
  const client = await startJudge(made);
  const sent = await answerAll(client, blind.key, ({ chars: [a, b] }) => (a > b ? 'a' : 'b'));
  assert.equal(sent.length, 108);
  for (const raw of sent) assert.doesNotMatch(raw, /"(real|rival|kind|id|person|chars|model)"|generated/);
  const state = await client.ask('/judge');
  assert.equal(state.phase, 'done');
  assert.match(state.result!.join('\n'), /ann was right in 54 of 108 pairs: 50\.0 %/);
  assert.match(state.result!.join('\n'), /ann took the longer text in 100\.0 %/);
  client.started.child.kill('SIGINT');
  const { code, stdout } = await client.started.ended;
  assert.equal(code, 0);
  assert.match(
    stdout,
    /ann was right in 54 of 108[^]*not a Turing test\.\nverdict is due: its source changed\nnext: \.\/runner run \S*pipeline\.yaml$/m,
  );
  assert.doesNotMatch(readFileSync(join(made.answersDir, 'ann.jsonl'), 'utf8'), /text|q001 [ab]/);
});

test('kill -9 after any answer loses none of them; a torn line is cut; the order goes on', async (context) => {
  const blind = telltale({ questions: 12 });
  const made = runWithTest(context, blind);
  const seen: string[] = [];
  for (const until of [0, 1, 4, 1, 3]) {
    const client = await startJudge(made);
    const before = answered(made.answersDir);
    await answerAll(client, blind.key, (entry) => (seen.push(entry.id), entry.real!), until);
    assert.deepEqual(answered(made.answersDir), seen, 'on disk before the server answers');
    assert.equal(seen.length, before.length + until);
    assert.equal((await client.ask('/judge')).result, null);
    await kill9(client);
    if (until > 0) appendFileSync(join(made.answersDir, 'ann.jsonl'), '{"id":"q0');
  }
  const client = await startJudge(made);
  assert.match(client.started.output(), /incomplete and has been removed/);
  // This line follows that of the address, which the client waits for.
  await eventually('the line after it', () =>
    /ann: 9 of 12 answered, continues with the next/.test(client.started.output()),
  );
  await answerAll(client, blind.key, (entry) => (seen.push(entry.id), entry.real!));
  assert.equal(new Set(seen).size, 12);
  assert.match((await client.ask('/judge')).result!.join('\n'), /12 of 12/);
  await kill9(client);
});

test('a second server for the same judge says who has it, another judge has another order', async (context) => {
  const made = runWithTest(context, telltale({ questions: 30 }));
  const client = await startJudge(made);
  const second = await runRunner(['judge', 'r1', '--judge', 'ann'], made.runsDir, made.env);
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`process ${client.started.child.pid} is already asking ann`));
  const bob = startRunner(['judge', 'r1', '--judge', 'bob', '--terminal'], made.runsDir, made.env, 'no\n1\n2\nk\nu\n');
  const { code, stdout } = await bob.ended;
  assert.equal(code, 0);
  assert.match(stdout, /3 of 30[^]*4 of 30[^]*3 of 30/, 'took the last answer back');
  assert.match(stdout, /every answer is in .*bob\.jsonl; the same command continues/);
  assert.deepEqual(
    finalAnswers(readAnswers(made.answersDir, 'bob.jsonl')!.records).map(({ chose }) => chose),
    ['left', 'right'],
  );
  await kill9(client);
});

test('in the terminal: to the end, or until it is stopped for good', async (context) => {
  const made = runWithTest(context, telltale({ questions: 5 }));
  const judge = async (name: string, lines: string) =>
    startRunner(['judge', 'r1', '--judge', name, '--terminal'], made.runsDir, made.env, lines).ended;
  const whole = await judge('cy', 'maybe\nyes\nhelp\n1\n1\n2\n1\n2\n1\n');
  assert.match(whole.stdout, /yes or no\?/);
  assert.match(whole.stdout, /1 or 2: this text is real/);
  assert.match(whole.stdout, /cy was right in \d of 5 pairs[^]*cy took part[^]*next: /);
  const asked = await judge('di', 'no\n1\nstop\nno\n2\nstop\n');
  assert.match(asked.stdout, /End the test for good\? [^]*2 of 5[^]*End the test for good\?/);
  assert.doesNotMatch(asked.stdout, /stopped after/);
  const stopped = await judge('di', 'stop\nyes\n');
  assert.match(stopped.stdout, /stopped after 2 of 5, so there is no p-value/);
  assert.match((await judge('di', '1\n')).stdout, /stopped after 2 of 5/, 'it cannot go on');
});

test('only the page of this server can ask, and only the next question can be answered', async (context) => {
  const made = runWithTest(context, telltale({ questions: 5 }));
  const client = await startJudge(made);
  const { ask, address, key } = client;
  const status = async (headers: Record<string, string>, method = 'GET'): Promise<number> => {
    const response = await fetch(`${address}/judge${method === 'POST' ? '/begin' : ''}`, { method, headers });
    assert.deepEqual(
      [...response.headers.keys()].filter((name) => name.startsWith('access-control')),
      [],
    );
    return response.status;
  };
  const bearer = { Authorization: `Bearer ${key}` };
  assert.equal(await status({}), 401);
  assert.equal(await status({ ...bearer, Origin: 'http://evil' }), 403);
  assert.equal(await status({ ...bearer, 'Content-Type': 'text/plain' }, 'POST'), 415);
  assert.equal((await ask('/judge/answer', { number: 1, chose: 'left', ms: 1 })).status, 409, 'not begun');
  await ask('/judge/begin', { tookPart: true });
  const faults: [string, object, number][] = [
    ['/judge/answer', { number: 2, chose: 'left', ms: 1 }, 409],
    ['/judge/answer', { number: 1, chose: 'real', ms: 1 }, 409],
    ['/judge/answer', { number: 1, chose: 'up', ms: 1 }, 400],
    ['/judge/answer', { number: '1', chose: 'left', ms: 1 }, 400],
    ['/judge/answer', { number: 1, chose: 'left' }, 400],
    ['/judge/undo', {}, 409],
    ['/judge/begin', {}, 409],
    ['/judge/nothing', {}, 404],
  ];
  for (const [path, body, expected] of faults)
    assert.equal((await ask(path, body)).status, expected, JSON.stringify(body));
  assert.deepEqual(answered(made.answersDir), []);
  await ask('/judge/answer', { number: 1, chose: null, ms: -5 });
  assert.equal((await ask('/judge/undo', {})).answered, 0);
  assert.equal((await ask('/judge/stop', {})).phase, 'done');
  assert.equal((await ask('/judge/answer', { number: 1, chose: 'left', ms: 1 })).status, 409);
  await kill9(client);
});

test('an answers file that disappears while it is open: 507, nothing is lost, and the test goes on', async (context) => {
  const made = runWithTest(context, telltale({ questions: 5 }));
  const client = await startJudge(made);
  const { ask } = client;
  await ask('/judge/begin', { tookPart: false });
  await ask('/judge/answer', { number: 1, chose: 'left', ms: 900 });
  rmSync(made.answersDir, { recursive: true });
  const lost = await ask('/judge/answer', { number: (await ask('/judge')).question!.number, chose: 'left', ms: 900 });
  assert.equal(lost.status, 507);
  assert.match(lost.error!.message, /another program has removed or changed ann\.jsonl/);
  assert.equal(answered(made.answersDir).length, 1, 'the answer before is on disk again');
  const state = await ask('/judge');
  assert.equal(state.answered, 1);
  assert.equal((await ask('/judge/answer', { number: state.question!.number, chose: 'left', ms: 900 })).answered, 2);
  assert.equal(answered(made.answersDir).length, 2);
  await kill9(client);
});

test('what cannot be judged is said, and nothing is touched', async (context) => {
  const made = runWithTest(context, telltale({ questions: 5 }));
  const judge = (...args: string[]) => runRunner(['judge', ...args], made.runsDir, made.env);
  const other = runWithTest(context, telltale({ questions: 6 }));
  await startRunner(['judge', 'r1', '--judge', 'ann', '--terminal'], made.runsDir, made.env, 'no\n1\n').ended;
  const before = readFileSync(join(made.answersDir, 'ann.jsonl'), 'utf8');
  const yaml = readFileSync(join(other.runsDir, 'r1', 'pipeline.yaml'), 'utf8').replace(
    other.answersDir,
    made.answersDir,
  );
  writeFileSync(join(other.runsDir, 'r1', 'pipeline.yaml'), yaml);
  const foreign = await runRunner(['judge', 'r1', '--judge', 'ann'], other.runsDir, other.env);
  assert.equal(foreign.code, 1);
  assert.match(
    foreign.stderr,
    /ann\.jsonl answers another test: questions [0-9a-f]{12}, not [0-9a-f]{12}\. Move it away/,
  );
  assert.equal(readFileSync(join(made.answersDir, 'ann.jsonl'), 'utf8'), before);
  for (const [args, message] of [
    [['r1', '--judge', '../x'], /--judge takes a name of letters/],
    [['r1/none'], /run r1 has no stage "none"/],
    [['r1/verdict'], /has no (stage "verdict"|questions)/],
    [['r9'], /no run "r9"/],
  ] as const) {
    const { code, stderr } = await judge(...args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
  const port = await startJudge(made);
  const used = await judge('r1', '--judge', 'bob', '--port', new URL(port.address).port);
  assert.match(used.stderr, /port \d+ is in use/);
  await kill9(port);
  assert.deepEqual(
    readdirSync(made.answersDir).filter((name) => name.endsWith('.jsonl')),
    ['ann.jsonl'],
  );
});

test('a folder that cannot hold answers is said, without a stack trace, and is not taken for an empty one', async (context) => {
  const made = runWithTest(context, telltale({ questions: 5 }));
  const judge = () => runRunner(['judge', 'r1', '--judge', 'ann', '--terminal'], made.runsDir, made.env);
  symlinkSync(join(made.dir, 'nowhere'), made.answersDir);
  const dangling = await judge();
  assert.equal(dangling.code, 1);
  assert.match(dangling.stderr, /no answers can be kept in \S*judgements: \S*judgements is a link that leads nowhere/);
  assert.doesNotMatch(dangling.stderr, /\n +at /);
  rmSync(made.answersDir);
  writeFileSync(made.answersDir, 'hello');
  const noFolder = await judge();
  assert.equal(noFolder.code, 1);
  assert.match(noFolder.stderr, /no answers can be kept in \S*judgements: (EEXIST|ENOTDIR)/);
  assert.doesNotMatch(noFolder.stderr, /\n +at /);
});

test('other tests over the same held-out text are counted', async (context) => {
  const made = runWithTest(context, telltale({ questions: 5 }));
  const store = join(made.runsDir, 'store', 'keys');
  const produced: [string, string, string][] = [
    ['a', 'turing', '1'],
    ['b', 'turing', '1'],
    ['c', 'turing', '1'],
    ['d', 'turing', '2'],
    ['e', 'evaluate', '1'],
  ];
  for (const [letter, kind, heldOut] of produced) {
    const preImage = {
      record: 'stage/1',
      kind,
      version: 1,
      params: { letter },
      sources: {},
      inputs: { 'held-out': heldOut as Digest },
      environment: null,
    } satisfies PreImage;
    const dir = join(store, keyOf(preImage));
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'pre-image.json'), JSON.stringify(preImage));
    const entry = { record: 'entry/1', artifact: letter.repeat(64), files: [], seconds: 1 };
    writeFileSync(join(dir, 'entry.json'), JSON.stringify(entry));
  }
  const { stdout } = await startRunner(['judge', 'r1', '--judge', 'ann', '--terminal'], made.runsDir, made.env, '')
    .ended;
  assert.match(stdout, /2 other tests over the same held-out text in this store/);
});
