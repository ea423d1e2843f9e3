import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import type { BlindTest, ShownLine } from '../../src/artifacts/questions.ts';
import { openAnswersFile } from '../../src/judging/answers-file.ts';
import { finalAnswers } from '../../src/judging/answers.ts';
import { headlineOf } from '../../src/judging/headline.ts';
import { openSession, type Session } from '../../src/judging/session.ts';
import { verdictOf } from '../../src/judging/verdict.ts';
import { answerJudge, judgeErrorBody } from '../../src/serve/judge/api.ts';
import { judgePage } from '../../src/pages/judge-page.ts';
import { servedPage } from '../../src/serve/served-page.ts';
import { openLocalServer } from '../../src/serve/local-server.ts';
import { DIGEST, testOf } from '../judging/kit.ts';
import { faultsOf, openBrowser } from '../kit/browser.ts';
import { temporaryDir } from '../kit/temporary.ts';

const KEY = 'k'.repeat(22);
export const ODD = ['</script><b>bold</b>', 'שלום, מה שלומך?', '👩‍👩‍👧‍👦 🦆', 'a'.repeat(300), '<img src=http://evil/x>'];

export const lines = (id: string, side: 'a' | 'b'): ShownLine[] => [
  ['B', `${id} ${side}`],
  ['A', ODD[Number(id.slice(1)) % ODD.length]!],
];

/** The page and its server, for one judge. */
export async function serve(context: TestContext, test: BlindTest) {
  const dir = temporaryDir(context);
  const file = openAnswersFile(dir, { judge: 'ann', questions: DIGEST, order: 7 });
  if ('heldBy' in file) throw new Error('held');
  const judged = { ...test, digest: DIGEST };
  const session = openSession(judged, { file, judge: 'ann', order: 7, now: () => new Date() });
  const { design, context: before, lines } = test.report;
  const asked: string[] = [];
  const result = (): string[] =>
    headlineOf(
      verdictOf(judged, [{ header: file.header!, records: file.records }], { atMost: 0.6 }).report,
      () => 'ann',
    );
  const server = await openLocalServer({
    port: 0,
    key: KEY,
    pages: { '/': servedPage(judgePage, 'judge') },
    answer: (exchange) =>
      answerJudge({ session, about: { design, context: before, lines }, result, onChange: () => {} }, exchange),
    errorBody: judgeErrorBody,
    log: (line) => asked.push(line),
  });
  context.after(async () => {
    await server.close();
    file.close();
  });
  return {
    address: `http://127.0.0.1:${server.port}/#${KEY}`,
    origin: `http://127.0.0.1:${server.port}`,
    server,
    session,
    file,
  };
}

export async function openPage(context: TestContext, options: BrowserContextOptions = {}): Promise<Page | null> {
  const browser = await openBrowser(context);
  if (browser === null) return null;
  const page = await (await browser.newContext({ viewport: { width: 1100, height: 800 }, ...options })).newPage();
  page.setDefaultTimeout(60_000);
  return page;
}

/** Opens the page, and begins the test by keyboard. */
export async function begin(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByRole('button', { name: 'Begin' }).waitFor();
  await page.keyboard.press('Enter');
  await page.locator('#question').waitFor();
}

/** Presses a key when it counts, and waits until the server has what it did. */
export async function press(page: Page, key: string, session: Session, answered: number): Promise<void> {
  await page.waitForTimeout(410);
  await page.keyboard.press(key);
  const { total } = session.state();
  await page.locator(answered === total ? '#done' : `#progress:text("${answered + 1} of ${total}")`).waitFor();
  assert.equal(session.state().answered, answered);
}

/** Answers all questions by keyboard, with no request but to the server, and nothing that the page's policy forbids. */
export async function answerByKeyboard(context: TestContext, questions: number): Promise<void> {
  const { address, origin, session, file } = await serve(context, testOf({ questions, lines }));
  const page = await openPage(context);
  if (page === null) return;
  const faults = faultsOf(page, `${origin}/`);
  await page.goto(address);
  await page.getByRole('button', { name: 'Begin' }).waitFor();
  assert.match(
    await page.locator('#start').innerText(),
    new RegExp(
      `ann, ${questions} questions for you[^]*You see 1 line of a real conversation, and then two texts of 1 line\\.`,
    ),
  );
  await page.keyboard.press('Enter');
  await page.locator('#question').waitFor();
  assert.equal(await page.locator('#progress').getAttribute('role'), 'status');
  await page.keyboard.press('ArrowLeft');
  assert.equal(session.state().answered, 0, 'nobody reads a question that fast');
  const keys = ['ArrowLeft', 'ArrowRight', '1', '2'];
  for (let n = 0; n < questions; n++) {
    if (n === 3) {
      await press(page, 'k', session, 4);
      await press(page, 'u', session, 3);
      await page.keyboard.press('?');
      await page.getByText('take the last answer back.').waitFor();
      await page.keyboard.press('ArrowLeft');
      await page.keyboard.press('Escape');
    }
    if (n === 5) await page.reload();
    if (n === 5) await page.locator('#question').waitFor();
    await press(page, keys[n % 4]!, session, n + 1);
  }
  await page.getByText('not a Turing test').waitFor();
  assert.match(await page.locator('#result').innerText(), new RegExp(`ann was right in \\d+ of ${questions} pairs`));
  const answers = finalAnswers(file.records);
  assert.equal(answers.length, questions);
  assert.deepEqual(
    answers.slice(4, 8).map(({ chose }) => chose),
    ['left', 'right', 'left', 'right'],
  );
  assert.ok(answers.every(({ ms }) => ms >= 400));
  assert.deepEqual(faults, []);
}
