/**
 * One HTTP request and its answer, through a proxy and with certificates where the environment names them, neither of
 * which Node's `fetch` can do.
 */
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequestArgs, IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { connect } from 'node:tls';
import { callbackify } from 'node:util';
import type { Duplex } from 'node:stream';
import type { Network } from './network.ts';

export interface HttpMessage {
  method: string;
  headers: Record<string, string>;
  /** a Blob is sent with its length: some servers store a stream of unknown length as 0 bytes */
  body: string | Blob | null;
  signal: AbortSignal;
}

/** The answer, with its body still to be read. Rejects with the error of the network or the signal's reason. */
export function exchange(url: URL, network: Network, message: HttpMessage): Promise<IncomingMessage> {
  const { method, signal, body } = message;
  const length = body === null ? null : typeof body === 'string' ? Buffer.byteLength(body) : body.size;
  const headers = { ...message.headers, ...(length === null ? {} : { 'content-length': String(length) }) };
  return new Promise((done, fail) => {
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { method, headers, signal, agent: secureAgent(network) })
        : httpRequest(...plainRequest(url, network, { method, headers, signal }));
    request.on('response', done);
    request.on('error', (error) => fail(signal.aborted ? signal.reason : error));
    if (body === null || typeof body === 'string') request.end(body ?? undefined);
    // a failure of the request itself is reported above; a file that cannot be read ends it
    else pipeline(Readable.fromWeb(body.stream() as never), request).catch((error: Error) => fail(error));
  });
}

// ---------------------------------------------------------------------------------------------------------------------

/** Idle connections do not keep the process alive. */
const plainAgent = new HttpAgent({ keepAlive: true });
const secureAgents = new WeakMap<Network, HttpsAgent>();

function plainRequest(url: URL, { proxy }: Network, options: RequestOptions): [URL, RequestOptions] {
  if (proxy === null) return [url, { ...options, agent: plainAgent }];
  const headers = { ...options.headers, host: url.host, ...proxyAuthorization(proxy) };
  return [new URL(proxy.origin), { ...options, agent: plainAgent, path: url.href, headers }];
}

function secureAgent(network: Network): HttpsAgent {
  const known = secureAgents.get(network);
  if (known) return known;
  const agent = new HttpsAgent({ keepAlive: true, ...network.tls });
  const { proxy } = network;
  if (proxy !== null)
    Object.assign(agent, {
      createConnection(options: ClientRequestArgs, created: (error: Error | null, socket?: Duplex) => void) {
        const host = String(options.host);
        const target = `${host.includes(':') ? `[${host}]` : host}:${options.port ?? 443}`;
        const secured = async (): Promise<Duplex> =>
          connect({ ...network.tls, socket: await tunnel(proxy, target), servername: host });
        callbackify(secured)(created);
      },
    });
  secureAgents.set(network, agent);
  return agent;
}

/** A connection to `target` (`host:port`) that the proxy passes on as it is. */
function tunnel(proxy: URL, target: string): Promise<Duplex> {
  return new Promise((done, fail) => {
    const options = { method: 'CONNECT', path: target, agent: false, timeout: 30_000 };
    const request = httpRequest(new URL(proxy.origin), {
      ...options,
      headers: { host: target, ...proxyAuthorization(proxy) },
    });
    request.on('connect', ({ statusCode }: IncomingMessage, socket: Duplex) => {
      if (statusCode === 200) return done(socket);
      socket.destroy();
      fail(new Error(`the proxy ${proxy.host} answered ${statusCode ?? 0}`));
    });
    request.on('timeout', () => request.destroy(new Error(`the proxy ${proxy.host} did not answer in time`)));
    request.on('error', fail);
    request.end();
  });
}

function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}
