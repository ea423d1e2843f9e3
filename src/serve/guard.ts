import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Refusal {
  status: 401 | 403 | 405 | 415 | 421;
  message: string;
}

export interface Asked {
  method: string;
  headers: IncomingHttpHeaders;
  /** whether the answer holds anything of the user's; a page without data does not need the key */
  isPrivate: boolean;
}

/**
 * Why a request is refused; null if it may be answered. Any page in the user's browser can send requests to a local
 * port, under a host name of its own if it likes (DNS rebinding), so host and origin must be exactly ours.
 */
export function refusal({ method, headers, isPrivate }: Asked, port: number, key: string): Refusal | null {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!hosts.includes(headers.host ?? ''))
    return { status: 421, message: 'this server answers only to its own address' };
  const { origin } = headers;
  if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`))
    return { status: 403, message: 'requests of other pages are refused' };
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'none' && site !== 'same-origin')
    return { status: 403, message: 'requests of other pages are refused' };
  if (method !== 'GET' && method !== 'POST') return { status: 405, message: `there is nothing to ${method} here` };
  if (isPrivate && !isKey(headers.authorization, key))
    return {
      status: 401,
      message: 'send the key that was printed at the start, as `Authorization: Bearer KEY`',
    };
  if (method === 'POST' && !/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? ''))
    return { status: 415, message: 'send JSON, with `Content-Type: application/json`' };
  return null;
}

// ---------------------------------------------------------------------------

/** Compares hashes, so that the time it takes tells nothing. */
function isKey(authorization: string | undefined, key: string): boolean {
  const given = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1] ?? '';
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(key));
}
