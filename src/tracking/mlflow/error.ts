/** Errors of requests to an MLflow server, with advice on what to do. No message contains our credentials. */
import type { IncomingHttpHeaders } from 'node:http';
import { withoutSecrets } from './address.ts';
import type { MlflowAddress } from './address.ts';

export class MlflowError extends Error {
  override name = 'MlflowError';
  /** HTTP status, 0 if there was no answer */
  readonly status: number;
  /** MLflow's `error_code`, '' if the answer had none */
  readonly code: string;
  /** true if the same request may succeed later */
  readonly transient: boolean;
  readonly retryAfterMs: number;
  constructor(
    message: string,
    about: { status: number; code?: string; transient: boolean; retryAfterMs?: number; cause?: unknown },
  ) {
    super(message, { cause: about.cause });
    this.status = about.status;
    this.code = about.code ?? '';
    this.transient = about.transient;
    this.retryAfterMs = about.retryAfterMs ?? 0;
  }
}

export function networkError(address: MlflowAddress, error: unknown): MlflowError {
  const message = withoutSecrets(`${address.base} ${networkReason(error)}`, address);
  return new MlflowError(message, { status: 0, transient: true, cause: error });
}

/** Status 200 from something else than MLflow. It may be a moment's fault of a proxy, so it is sent again later. */
export function foreignAnswer(address: MlflowAddress, text: string): MlflowError {
  const what = text.trim() === '' ? 'with nothing' : /^\s*</.test(text) ? 'with a web page' : 'differently';
  return new MlflowError(
    `${address.base} answered ${what} where MLflow returns JSON: there is no MLflow at this path, or a proxy or login page answered instead (check the host, the port and the path prefix of the tracking URI)`,
    { status: 200, transient: true },
  );
}

/** MLflow's own handlers send errors as JSON; proxies and the web framework send text or HTML. */
export function responseError(
  address: MlflowAddress,
  status: number,
  text: string,
  headers: IncomingHttpHeaders,
): MlflowError {
  const json = errorJson(text);
  const code = json?.code ?? '';
  const serverMessage = json?.message ?? plainText(text);
  const advice =
    headers.location === undefined
      ? adviceFor(status, code, serverMessage, json !== null)
      : redirectAdvice(headers.location);
  const detail = serverMessage ? `: ${serverMessage}` : '';
  const message = `${address.base} answered ${status}${detail}${advice ? ` (${advice})` : ''}`;
  return new MlflowError(withoutSecrets(message, address), {
    status,
    code,
    transient: isTransient(status, code, serverMessage),
    retryAfterMs: retryAfter(headers['retry-after']),
  });
}

// ---------------------------------------------------------------------------------------------------------------------

const networkReasons: Record<string, string> = {
  ECONNREFUSED: 'does not answer: no server is running there',
  ENOTFOUND: 'cannot be found: no such host name',
  EAI_AGAIN: 'cannot be found: the DNS lookup failed',
  ECONNRESET: 'closed the connection',
  EPIPE: 'closed the connection',
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached: no network',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'has a certificate that is not trusted here: set MLFLOW_TRACKING_SERVER_CERT_PATH to its PEM file',
  SELF_SIGNED_CERT_IN_CHAIN:
    'has a certificate that is not trusted here: set MLFLOW_TRACKING_SERVER_CERT_PATH to the CA’s PEM file',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'has a certificate that is not trusted here: set MLFLOW_TRACKING_SERVER_CERT_PATH to the CA’s PEM file',
  CERT_HAS_EXPIRED: 'has a certificate that has expired',
};

function networkReason(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'did not answer in time';
  const { code = '', message } = error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) };
  return networkReasons[code] ?? `cannot be reached: ${message}`;
}

function errorJson(text: string): { code: string; message: string } | null {
  try {
    const json = JSON.parse(text) as { error_code?: unknown; message?: unknown };
    if (typeof json?.error_code !== 'string') return null;
    return { code: json.error_code, message: short(String(json.message ?? '')) };
  } catch {
    return null;
  }
}

function plainText(text: string): string {
  return short(
    text
      .replace(/<(style|script|title)[\s\S]*?<\/\1>/gi, ' ')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  );
}

function short(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

function redirectAdvice(location: string): string {
  const host = URL.canParse(location) ? new URL(location).host : location;
  return `it redirects to ${host}, which is not followed: check the tracking URI, or sign in with a token`;
}

function adviceFor(status: number, code: string, message: string, isJson: boolean): string {
  if (status === 401) return 'set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN';
  if (status === 403 && /host header/i.test(message))
    return 'the server does not accept this host name: start it with --allowed-hosts NAME:PORT, or use another address';
  if (status === 403) return 'this user may not write to that experiment';
  if (status === 404 && !isJson)
    return 'there is no MLflow at this path: check the host, the port and the path prefix of the tracking URI';
  if (status === 413) return 'a proxy in front of the server limits the size of a request';
  if (code === 'FEATURE_DISABLED') return 'the server has no workspaces: unset MLFLOW_WORKSPACE';
  if (status === 503 && !isJson && /serve-artifacts/i.test(message))
    return 'the server was started with --no-serve-artifacts';
  return '';
}

/** A 503 means a locked database or a busy proxy, unless the server says that it does not serve artifacts. */
function isTransient(status: number, code: string, message: string): boolean {
  if (code === 'FEATURE_DISABLED' || code === 'INVALID_STATE') return false;
  if (status === 503) return code !== '' || !/serve-artifacts/i.test(message);
  return status === 408 || status === 429 || status === 500 || status === 502 || status === 504;
}

/** Milliseconds to wait; the header has seconds or a date. */
function retryAfter(value: string | undefined): number {
  if (!value) return 0;
  const seconds = Number(value);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(waitMs) && waitMs > 0 ? waitMs : 0;
}
