/**
 * Sends an HTTP request to MLflow, with a time limit and with retries where repeating is safe. Turns every kind of
 * failure into an MlflowError.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { MlflowError, networkError, responseError } from './error.ts';
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
}

export async function requestJson(address: MlflowAddress, request: MlflowRequest): Promise<unknown> {
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

async function sendOnce(address: MlflowAddress, request: MlflowRequest): Promise<unknown> {
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
    text = await response.text();
  } catch (error) {
    if (request.signal?.aborted) throw request.signal.reason;
    throw networkError(address.base, error);
  } finally {
    done();
  }
  if (status !== 200) throw responseError(address.base, status, text, headers);
  return text === '' ? {} : parsed(address, text, headers);
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

/** An HTML page with status 200 comes from another program, or from a wrong path prefix that leads to the UI. */
function parsed(address: MlflowAddress, text: string, headers: Headers): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw responseError(address.base, 404, text, headers);
  }
}
