/**
 * Sends an HTTP request to MLflow, with a time limit and with retries where repeating is safe. Turns every kind of
 * failure into an MlflowError.
 */
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { exchange } from './exchange.ts';
import type { HttpMessage } from './exchange.ts';
import { MlflowError, foreignAnswer, networkError, responseError } from './error.ts';
import type { MlflowAddress } from './address.ts';

export interface MlflowRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** a path below the address's base, or a full URL */
  path: string;
  query?: Record<string, string>;
  /** a Blob is sent as it is, with its length (some servers store a chunked stream as 0 bytes) */
  body?: object | Blob;
  /** False if each request creates something new: after a lost response, check before you send it again. */
  repeatable: boolean;
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
  /**
   * whether a JSON object is what MLflow answers to this request; null: any answer, because the caller checks the
   * effect
   */
  answers: ((json: Record<string, unknown>) => boolean) | null;
}

/**
 * The JSON object that MLflow returned. Throws MlflowError for everything else, status 200 included: a login page, a
 * proxy or another program may have answered, and then the server has received nothing.
 */
export async function requestJson(address: MlflowAddress, request: MlflowRequest): Promise<Record<string, unknown>> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await sendOnce(address, request);
    } catch (error) {
      if (!(error instanceof MlflowError) || !error.transient || !request.repeatable || attempt >= address.retries)
        throw error;
      const backoffMs = address.backoffMs * 2 ** attempt * (1 + Math.random() / 4);
      await sleep(Math.min(60_000, Math.max(backoffMs, error.retryAfterMs)), undefined, { signal: request.signal });
    }
  }
}

/** MLflow's answers are far smaller, even those that list runs. */
const largestAnswerBytes = 32 * 2 ** 20;

async function sendOnce(address: MlflowAddress, request: MlflowRequest): Promise<Record<string, unknown>> {
  const { signal, done } = limited(request.timeoutMs ?? address.timeoutMs, request.signal);
  let answer: IncomingMessage;
  let text: string;
  try {
    answer = await answerTo(address, request, signal);
    text = await textOf(address, answer);
  } catch (error) {
    if (request.signal?.aborted) throw request.signal.reason;
    throw error instanceof MlflowError ? error : networkError(address, signal.aborted ? signal.reason : error);
  } finally {
    done();
  }
  const { statusCode: status = 0, headers } = answer;
  if (status !== 200) throw responseError(address, status, text, headers);
  if (request.answers === null) return {};
  const json = objectIn(text);
  if (json === null || !request.answers(json)) throw foreignAnswer(address, text);
  return json;
}

const mostRedirects = 5;

/**
 * Follows redirects on the same host, such as one to `https`, with the same method and body, which `fetch` would change
 * to a GET. Another host never gets our credentials or data.
 */
async function answerTo(address: MlflowAddress, request: MlflowRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const message = { method: request.method, signal, ...payload(address, request) };
  let url = urlOf(address, request);
  for (let redirects = 0; ; redirects++) {
    const answer = await exchange(url, address.network, message);
    const { location } = answer.headers;
    const next =
      [301, 302, 307, 308].includes(answer.statusCode ?? 0) &&
      location !== undefined &&
      URL.canParse(location, url.href)
        ? new URL(location, url)
        : null;
    if (next?.hostname !== url.hostname || redirects >= mostRedirects) return answer;
    if (url.protocol === 'https:' && next.protocol !== 'https:') return answer;
    answer.resume();
    url = next;
  }
}

/** Reads an answer, which may have no end, up to a limit. */
async function textOf(address: MlflowAddress, answer: IncomingMessage): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    // leaving the loop cancels the response
    if (bytes > largestAnswerBytes)
      throw new MlflowError(
        `${address.base} answered with more than ${largestAnswerBytes / 2 ** 20} MB, which no MLflow server does (check the host and the port of the tracking URI)`,
        { status: answer.statusCode ?? 0, transient: true },
      );
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function objectIn(text: string): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** A signal that aborts with `outer` or after a timeout, and can be cleaned up with `done`. */
function limited(timeoutMs: number, outer: AbortSignal | undefined): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException('no answer in time', 'TimeoutError')), timeoutMs);
  const follow = (): void => controller.abort(outer?.reason);
  if (outer?.aborted) follow();
  outer?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    done() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', follow);
    },
  };
}

function urlOf(address: MlflowAddress, request: MlflowRequest): URL {
  const query = request.query ? `?${new URLSearchParams(request.query).toString()}` : '';
  return new URL((/^https?:/.test(request.path) ? request.path : address.base + request.path) + query);
}

function payload(address: MlflowAddress, { body }: MlflowRequest): Pick<HttpMessage, 'headers' | 'body'> {
  if (body === undefined) return { headers: address.headers, body: null };
  if (body instanceof Blob)
    return { headers: { ...address.headers, 'content-type': 'application/octet-stream' }, body };
  return { headers: { ...address.headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
