import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { refusal } from './guard.ts';

/** One request, after all checks. */
export interface Exchange {
  method: 'GET' | 'POST';
  /** without the query */
  path: string;
  /** the JSON that was sent; null for GET */
  body: unknown;
  /** aborts when the client is gone */
  signal: AbortSignal;
  response: ServerResponse;
}

export interface LocalServer {
  port: number;
  close(): Promise<void>;
}

export interface ServedPage {
  html: string;
  /** the Content-Security-Policy header */
  policy: string;
}

export interface Serving {
  port: number;
  key: string;
  /** pages by path; they hold no data, so they are sent without the key */
  pages: Record<string, ServedPage>;
  /** answers everything else */
  answer(exchange: Exchange): Promise<void>;
  /** how this server words its errors */
  errorBody(status: number, message: string): unknown;
  /** method, path and status of each request; never what was said */
  log(line: string): void;
}

const MOST_BODY_BYTES = 1 << 20;
const host = '127.0.0.1';

/** Serves programs and browsers of this machine. Rejects if the port is in use. */
export async function openLocalServer(serving: Serving): Promise<LocalServer> {
  const server = createServer((request, response) => void handle(request, response, serving, portOf(server)));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(serving.port, host, resolve);
  });
  return {
    port: portOf(server),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Sends JSON. */
export function sendJson({ response }: Pick<Exchange, 'response'>, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(body);
}

// ---------------------------------------------------------------------------

const portOf = (server: Server): number => (server.address() as { port: number }).port;

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  serving: Serving,
  port: number,
): Promise<void> {
  const method = request.method ?? 'GET';
  const path = (request.url ?? '/').split('?')[0]!;
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  response.on('close', () => serving.log(`${method} ${path} ${response.statusCode}`));
  const page = method === 'GET' && Object.hasOwn(serving.pages, path) ? serving.pages[path]! : null;
  const refused = refusal({ method, headers: request.headers, isPrivate: page === null }, port, serving.key);
  const fail = (status: number, message: string): void => {
    if (response.headersSent) response.destroy();
    else sendJson({ response }, status, serving.errorBody(status, message));
  };
  if (refused) {
    request.resume();
    return fail(refused.status, refused.message);
  }
  if (page) {
    response.setHeader('Content-Security-Policy', page.policy);
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(page.html);
    return;
  }
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    const body = method === 'POST' ? await jsonOf(request) : null;
    await serving.answer({ method: method as 'GET' | 'POST', path, body, signal: gone.signal, response });
  } catch (error) {
    if (gone.signal.aborted) return;
    if (error instanceof HttpError) return fail(error.status, error.message);
    console.error(error);
    fail(500, 'the server failed; its terminal says why');
  }
}

/** A request that cannot be answered; its message is sent to the client. */
export class HttpError extends Error {
  override name = 'HttpError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
};

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MOST_BODY_BYTES) throw new HttpError(413, `at most ${MOST_BODY_BYTES} bytes can be sent at once`);
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown;
  } catch {
    throw new HttpError(400, 'what was sent is not valid JSON');
  }
}
