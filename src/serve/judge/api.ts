/**
 * What the page of `runner judge` asks. Each answer is the state of the session: which question comes next, or the
 * result at the end. Nothing in it tells which text is real.
 *
 *     GET  /judge         the state
 *     POST /judge/begin   { "tookPart": false }
 *     POST /judge/answer  { "number": 17, "chose": "left", "ms": 8423 }; null instead of a choice: remembered
 *     POST /judge/undo    {}
 *     POST /judge/stop    {}
 */
import type { Choice } from '../../judging/answers.ts';
import { NotSaved } from '../../judging/kept-file.ts';
import { NotNow, type Given, type Session, type SessionState } from '../../judging/session.ts';
import { HttpError, sendJson, type Exchange } from '../local-server.ts';

export interface JudgeServing {
  session: Session;
  /** how many lines are shown, and what is asked; the same for all questions */
  about: { design: 'pair' | 'single'; context: number; lines: number };
  /** the sentences of the result; called only at the end */
  result(): string[];
  /** called after each answer, and at the end */
  onChange(state: SessionState): void;
}

export type JudgeState = SessionState & {
  about: JudgeServing['about'];
  /** null before the end */
  result: string[] | null;
};

const MOST_MS = 24 * 3_600_000;

export async function answerJudge(serving: JudgeServing, exchange: Exchange): Promise<void> {
  const { session } = serving;
  const { method, path, body } = exchange;
  if (method === 'POST') {
    change(session, path, body);
    serving.onChange(session.state());
  } else if (path !== '/judge') throw new HttpError(404, `there is no ${path} here`);
  const state = session.state();
  const answer: JudgeState = {
    ...state,
    about: serving.about,
    result: state.phase === 'done' ? serving.result() : null,
  };
  sendJson(exchange, 200, answer);
}

export const judgeErrorBody = (_status: number, message: string): unknown => ({ error: { message } });

// ---------------------------------------------------------------------------

function change(session: Session, path: string, body: unknown): void {
  const given = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  try {
    switch (path) {
      case '/judge/begin':
        return session.begin(given['tookPart'] === true);
      case '/judge/answer':
        return session.answer(answerIn(given));
      case '/judge/undo':
        return session.undo();
      case '/judge/stop':
        return session.stop();
    }
  } catch (error) {
    if (error instanceof NotNow) throw new HttpError(409, error.message);
    if (error instanceof NotSaved) throw new HttpError(507, error.message);
    throw error;
  }
  throw new HttpError(404, `there is no ${path} here`);
}

function answerIn({ number, chose, ms }: Record<string, unknown>): Given {
  const isChoice = chose === null || ['left', 'right', 'real', 'generated'].includes(chose as string);
  if (typeof number !== 'number' || typeof ms !== 'number' || !Number.isFinite(ms) || !isChoice)
    throw new HttpError(400, 'send the number of the question, what was chosen, and the milliseconds it took');
  return { number, chose: chose as Choice | null, ms: Math.round(Math.min(Math.max(0, ms), MOST_MS)) };
}
