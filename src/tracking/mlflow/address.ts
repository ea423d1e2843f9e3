/** The tracking server's address and our credentials, from its URI and the variables that MLflow's own client reads. */

import { calledAs } from '../../files/called-as.ts';
import { credentialsIn } from './credentials-file.ts';
import { MlflowAddressError, networkFor } from './network.ts';
import type { Environment, Network } from './network.ts';

export interface MlflowAddress {
  /** origin and path prefix, without a trailing slash and without credentials */
  base: string;
  headers: Record<string, string>;
  /** the password or token, as it must never be shown */
  secrets: string[];
  network: Network;
  timeoutMs: number;
  /** attempts after the first, for calls that may be repeated */
  retries: number;
  /** first pause; doubles every time */
  backoffMs: number;
}

export function mlflowAddress(uri: string, env: Environment): MlflowAddress {
  const url = webUrl(uri);
  refuseUnsupported(env);
  const retries = numberFrom(env, 'MLFLOW_HTTP_REQUEST_MAX_RETRIES', 2);
  const { headers, secrets } = headersFor(url, env);
  return {
    base: url.origin + url.pathname.replace(/\/+$/, ''),
    headers,
    secrets,
    network: networkFor(url, env),
    timeoutMs: numberFrom(env, 'MLFLOW_HTTP_REQUEST_TIMEOUT', 120) * 1000,
    retries: Math.floor(retries),
    backoffMs: numberFrom(env, 'MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR', 0.2) * 1000,
  };
}

/** A text without the address's password or token, which a server or a library may have put into it. */
export function withoutSecrets(text: string, { secrets }: Pick<MlflowAddress, 'secrets'>): string {
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, '…'), text);
}

// ---------------------------------------------------------------------------------------------------------------------

function webUrl(uri: string): URL {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https') {
    const url = URL.canParse(uri) ? new URL(uri) : null;
    // A / ? or # in a password ends the host there, and the rest of the password would be part of the path.
    if (url === null || /@/.test(url.pathname + url.search + url.hash))
      throw new MlflowAddressError(
        `The tracking URI "${hideCredentials(uri)}" is not a valid address; it should look like http://127.0.0.1:5000. If its user name or password contains one of / ? # write %2F %3F %23 instead, or set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD`,
      );
    return url;
  }
  if (scheme === 'databricks')
    throw new MlflowAddressError(
      'Databricks as a tracking server is not supported; the journals under runs/ stay complete without it',
    );
  const store = scheme === undefined || scheme === 'file' ? 'sqlite:///mlflow.db' : uri;
  throw new MlflowAddressError(
    `The tracking URI "${hideCredentials(uri)}" is a folder or a database, but runs can only be sent to a server. Use "${calledAs()} ui", or start a server with\n` +
      `  mlflow server --backend-store-uri ${hideCredentials(store)} --host 127.0.0.1 --port 5000\nand set MLFLOW_TRACKING_URI=http://127.0.0.1:5000`,
  );
}

function refuseUnsupported(env: Environment): void {
  if (env.MLFLOW_TRACKING_AWS_SIGV4 === 'true' || env.MLFLOW_TRACKING_AUTH) {
    throw new MlflowAddressError(
      'MLFLOW_TRACKING_AWS_SIGV4 and MLFLOW_TRACKING_AUTH (signed requests, plug-ins) are not supported; use a user name and password or MLFLOW_TRACKING_TOKEN',
    );
  }
}

/**
 * A complete user name and password win over a token, as in MLflow's own client. The environment wins over the URI, and
 * both over the file of credentials.
 */
function headersFor(url: URL, env: Environment): Pick<MlflowAddress, 'headers' | 'secrets'> {
  const headers: Record<string, string> = { 'user-agent': 'chat-runner' };
  const stored = credentialsIn(env.HOME);
  const user = env.MLFLOW_TRACKING_USERNAME || decoded(url.username) || stored.user;
  const password = env.MLFLOW_TRACKING_PASSWORD || decoded(url.password) || stored.password || '';
  const token = headerValue('MLFLOW_TRACKING_TOKEN', env);
  const secrets = [password, decoded(url.password), url.password, token];
  if (user && password) {
    const pair = Buffer.from(`${user}:${password}`).toString('base64');
    headers.authorization = `Basic ${pair}`;
    secrets.push(pair);
  } else if (token) headers.authorization = `Bearer ${token}`;
  const workspace = headerValue('MLFLOW_WORKSPACE', env);
  // only if set, because servers without workspaces answer 500
  if (workspace) headers['x-mlflow-workspace'] = workspace;
  return { headers, secrets: secrets.filter((secret) => secret !== '') };
}

/** Decodes what is percent-encoded; any other `%` is a character of the password, as in MLflow's own client. */
function decoded(text: string): string {
  return text.replace(ENCODED_CHARACTER, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

/** One to four bytes that may be the UTF-8 of a character. */
const ENCODED_CHARACTER =
  /%[0-7][0-9a-f]|%[cd][0-9a-f]%[89ab][0-9a-f]|%e[0-9a-f](?:%[89ab][0-9a-f]){2}|%f[0-7](?:%[89ab][0-9a-f]){3}/gi;

/** Throws without the value, which an error of `fetch` would contain. */
function headerValue(name: string, env: Environment): string {
  const value = (env[name] ?? '').trim();
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
    throw new MlflowAddressError(
      `${name} contains a line break or another character that an HTTP header cannot have; set it again`,
    );
  return value;
}

/** Without everything up to the last `@`, because a password may contain any character, and without the query. */
function hideCredentials(uri: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/is.exec(uri) ?? [];
  return scheme + rest.slice(rest.lastIndexOf('@') + 1).replace(/\?.*$/s, '?…');
}

function numberFrom(env: Environment, name: string, fallback: number): number {
  const value = Number(env[name]);
  return env[name] && Number.isFinite(value) && value >= 0 ? value : fallback;
}
