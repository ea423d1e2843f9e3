/** How to reach a server: proxies and certificates, from the variables that MLflow's own client and its library read. */
import { readFileSync } from 'node:fs';
import { BlockList, isIPv4 } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { UserError } from '../../pipeline/diagnostic/user-error.ts';

export interface Network {
  /** the proxy to ask; null: none */
  proxy: URL | null;
  tls: Pick<TlsOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized'>;
}

export type Environment = Record<string, string | undefined>;

/** A setting that makes sending impossible; the message says how to fix it. */
export class MlflowAddressError extends UserError {
  override name = 'MlflowAddressError';
}

export function networkFor(url: URL, env: Environment): Network {
  return { proxy: proxyFor(url, env), tls: url.protocol === 'https:' ? tlsFrom(env) : {} };
}

// ---------------------------------------------------------------------------------------------------------------------

/** Names in lower case win, as in most programs. */
const either = (env: Environment, name: string): string => env[name] || env[name.toUpperCase()] || '';

function proxyFor(url: URL, env: Environment): URL | null {
  const scheme = url.protocol.slice(0, -1);
  const named = either(env, `${scheme}_proxy`) || either(env, 'all_proxy');
  if (named === '' || bypasses(url, either(env, 'no_proxy'))) return null;
  const text = /^[a-z0-9+.-]+:\/\//i.test(named) ? named : `http://${named}`;
  const proxy = URL.canParse(text) ? new URL(text) : null;
  if (proxy?.protocol !== 'http:' || proxy.hostname === '')
    throw new MlflowAddressError(
      `the proxy for ${url.hostname} that the environment names (${scheme.toUpperCase()}_PROXY or ALL_PROXY) has to be an address such as http://proxy:3128; to use none for this server, add ${url.hostname} to NO_PROXY`,
    );
  return proxy;
}

/** This machine is never asked for through a proxy, which would ask itself. */
function bypasses(url: URL, list: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host)) return true;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = '', ofPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (ofPort !== undefined && ofPort !== port) return false;
      if (name.includes('/')) return isInSubnet(host, name);
      const suffix = name.replace(/^\*?\./, '');
      return host === suffix || host.endsWith(`.${suffix}`);
    });
}

function isInSubnet(host: string, subnet: string): boolean {
  const [address = '', bits = ''] = subnet.split('/');
  if (!isIPv4(host) || !isIPv4(address) || !/^\d+$/.test(bits) || Number(bits) > 32) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(bits));
  return list.check(host);
}

function tlsFrom(env: Environment): Network['tls'] {
  const isInsecure = /^(true|1)$/i.test(env.MLFLOW_TRACKING_INSECURE_TLS ?? '');
  if (isInsecure && env.MLFLOW_TRACKING_SERVER_CERT_PATH)
    throw new MlflowAddressError(
      'MLFLOW_TRACKING_INSECURE_TLS and MLFLOW_TRACKING_SERVER_CERT_PATH are both set, and only one of them can hold: unset the first',
    );
  const authority = ['MLFLOW_TRACKING_SERVER_CERT_PATH', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'].find(
    (name) => env[name],
  );
  const client = env.MLFLOW_TRACKING_CLIENT_CERT_PATH ? pemIn('MLFLOW_TRACKING_CLIENT_CERT_PATH', env) : null;
  return {
    ...(isInsecure ? { rejectUnauthorized: false } : authority ? { ca: pemIn(authority, env) } : {}),
    ...(client ? { cert: client, key: client } : {}),
  };
}

function pemIn(name: string, env: Environment): Buffer {
  const path = env[name] ?? '';
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new MlflowAddressError(
      `${name} names ${path}, which ${code === 'ENOENT' ? 'does not exist' : 'cannot be read'}: it has to be a PEM file with certificates`,
    );
  }
}
