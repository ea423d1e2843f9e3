/** The tracking server's address and our credentials, from its URI and the variables that MLflow's own client reads. */

import { UserError } from '../../pipeline/diagnostic/user-error.ts';

export interface MlflowAddress {
  /** origin and path prefix, without a trailing slash and without credentials */
  base: string;
  headers: Record<string, string>;
  timeoutMs: number;
  /** attempts after the first, for calls that may be repeated */
  retries: number;
  /** first pause; doubles every time */
  backoffMs: number;
}

/** A setting that makes sending impossible; the message says how to fix it. */
export class MlflowAddressError extends UserError {
  override name = 'MlflowAddressError';
}

export type Environment = Record<string, string | undefined>;

export function mlflowAddress(uri: string, env: Environment): MlflowAddress {
  const url = webUrl(uri);
  refuseUnsupported(url, env);
  const retries = numberFrom(env, 'MLFLOW_HTTP_REQUEST_MAX_RETRIES', 2);
  return {
    base: url.origin + url.pathname.replace(/\/+$/, ''),
    headers: headersFor(url, env),
    timeoutMs: numberFrom(env, 'MLFLOW_HTTP_REQUEST_TIMEOUT', 120) * 1000,
    retries: Math.floor(retries),
    backoffMs: numberFrom(env, 'MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR', 0.2) * 1000,
  };
}

// ---------------------------------------------------------------------------------------------------------------------

function webUrl(uri: string): URL {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https') {
    try {
      return new URL(uri);
    } catch {
      throw new MlflowAddressError(
        `The tracking URI "${hideCredentials(uri)}" is not a valid address; it should look like http://127.0.0.1:5000`,
      );
    }
  }
  if (scheme === 'databricks')
    throw new MlflowAddressError(
      'Databricks as a tracking server is not supported; the journals under runs/ stay complete without it',
    );
  const store = scheme === undefined || scheme === 'file' ? 'sqlite:///mlflow.db' : uri;
  throw new MlflowAddressError(
    `The tracking URI "${hideCredentials(uri)}" is a folder or a database, but runs can only be sent to a server. Use "./runner ui", or start a server with\n` +
      `  mlflow server --backend-store-uri ${hideCredentials(store)} --host 127.0.0.1 --port 5000\nand set MLFLOW_TRACKING_URI=http://127.0.0.1:5000`,
  );
}

function refuseUnsupported(url: URL, env: Environment): void {
  if (env.MLFLOW_TRACKING_AWS_SIGV4 === 'true' || env.MLFLOW_TRACKING_AUTH) {
    throw new MlflowAddressError(
      'MLFLOW_TRACKING_AWS_SIGV4 and MLFLOW_TRACKING_AUTH (signed requests, plug-ins) are not supported; use a user name and password or MLFLOW_TRACKING_TOKEN',
    );
  }
  if (url.protocol !== 'https:') return;
  if (env.MLFLOW_TRACKING_CLIENT_CERT_PATH)
    throw new MlflowAddressError(
      'MLFLOW_TRACKING_CLIENT_CERT_PATH is not supported: Node cannot take a client certificate from the environment',
    );
  if (env.MLFLOW_TRACKING_SERVER_CERT_PATH && !env.NODE_EXTRA_CA_CERTS) {
    throw new MlflowAddressError(
      `MLFLOW_TRACKING_SERVER_CERT_PATH alone has no effect, because Node reads certificates only at startup: set NODE_EXTRA_CA_CERTS=${env.MLFLOW_TRACKING_SERVER_CERT_PATH}`,
    );
  }
  if (env.MLFLOW_TRACKING_INSECURE_TLS === 'true' && env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') {
    throw new MlflowAddressError(
      'MLFLOW_TRACKING_INSECURE_TLS has no effect in Node: set NODE_EXTRA_CA_CERTS to the certificate, or (less safe) NODE_TLS_REJECT_UNAUTHORIZED=0',
    );
  }
}

/** A complete user name and password win over a token, as in MLflow's own client; the environment wins over the URI. */
function headersFor(url: URL, env: Environment): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': 'chat-runner' };
  const user = env.MLFLOW_TRACKING_USERNAME || decodeURIComponent(url.username);
  const password = env.MLFLOW_TRACKING_PASSWORD || decodeURIComponent(url.password);
  if (user && password) headers.authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  else if (env.MLFLOW_TRACKING_TOKEN) headers.authorization = `Bearer ${env.MLFLOW_TRACKING_TOKEN}`;
  // only if set, because servers without workspaces answer 500
  if (env.MLFLOW_WORKSPACE) headers['x-mlflow-workspace'] = env.MLFLOW_WORKSPACE;
  return headers;
}

function hideCredentials(uri: string): string {
  return uri.replace(/\/\/[^/@]*@/, '//');
}

function numberFrom(env: Environment, name: string, fallback: number): number {
  const value = Number(env[name]);
  return env[name] && Number.isFinite(value) && value >= 0 ? value : fallback;
}
