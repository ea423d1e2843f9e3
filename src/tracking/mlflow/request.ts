/**
 * Sends an HTTP request to MLflow, with a time limit and with retries where repeating is safe. Turns every kind of
 * failure into an MlflowError.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { MlflowError, foreignAnswer, networkError, responseError } from './error.ts';
import type { MlflowAddress } from './address.ts';

export interface MlflowRequest {
  method: 'GET' | 'POST' | 'PUT';
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
  let status: number;
  let text: string;
  let headers: Headers;
  try {
    const response = await fetch(urlOf(address, request), {
      method: request.method,
      signal,
      ...payload(address, request),
    });
    ({ status, headers } = response);
    text = await textOf(address, response);
  } catch (error) {
    if (request.signal?.aborted) throw request.signal.reason;
    throw error instanceof MlflowError ? error : networkError(address, error);
  } finally {
    done();
  }
  if (status !== 200) throw responseError(address, status, text, headers);
  if (request.answers === null) return {};
  const json = objectIn(text);
  if (json === null || !request.answers(json)) throw foreignAnswer(address, text);
  return json;
}

/** Reads an answer, which may have no end, up to a limit. */
async function textOf(address: MlflowAddress, response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    // leaving the loop cancels the response
    if (bytes > largestAnswerBytes)
      throw new MlflowError(
        `${address.base} answered with more than ${largestAnswerBytes / 2 ** 20} MB, which no MLflow server does (check the host and the port of the tracking URI)`,
        { status: response.status, transient: true },
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

function urlOf(address: MlflowAddress, request: MlflowRequest): string {
  const query = request.query ? `?${new URLSearchParams(request.query).toString()}` : '';
  return (/^https?:/.test(request.path) ? request.path : address.base + request.path) + query;
}

function payload(address: MlflowAddress, { body }: MlflowRequest): RequestInit {
  if (body === undefined) return { headers: address.headers };
  if (body instanceof Blob)
    return { headers: { ...address.headers, 'content-type': 'application/octet-stream' }, body };
  return { headers: { ...address.headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
