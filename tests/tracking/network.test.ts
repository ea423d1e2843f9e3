import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { mlflowAddress } from '../../src/tracking/mlflow/address.ts';
import { experimentByName, setExperimentTag } from '../../src/tracking/mlflow/experiment.ts';
import { openMlflow } from '../../src/tracking/mlflow/client.ts';
import { networkFor } from '../../src/tracking/mlflow/network.ts';

const scratch = mkdtempSync(join(tmpdir(), 'network-'));
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const once = { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' };

test('credentials are read from ~/.mlflow/credentials as MLflow reads them; the environment and the URI win', () => {
  mkdirSync(join(scratch, '.mlflow'), { recursive: true });
  writeFileSync(
    join(scratch, '.mlflow', 'credentials'),
    '# mine\r\n[other]\nmlflow_tracking_username = no\n[mlflow]\nMLFLOW_TRACKING_USERNAME=ann\nmlflow_tracking_password :  50%%off=x \n',
  );
  const sent = (uri: string, env: Record<string, string> = {}) =>
    mlflowAddress(uri, { HOME: scratch, ...env }).headers.authorization;
  assert.equal(sent('http://h'), basic('ann:50%off=x'));
  assert.equal(sent('http://h', { MLFLOW_TRACKING_PASSWORD: 'other' }), basic('ann:other'));
  assert.equal(sent('http://ben:b@h'), basic('ben:b'));
  assert.equal(mlflowAddress('http://h', { HOME: join(scratch, 'none') }).headers.authorization, undefined);
  assert.equal(mlflowAddress('http://h', {}).headers.authorization, undefined);
  assert.ok(mlflowAddress('http://h', { HOME: scratch }).secrets.includes('50%off=x'));
});

test('a proxy is used unless NO_PROXY or the address itself says otherwise', () => {
  const proxyOf = (uri: string, env: Record<string, string>) => networkFor(new URL(uri), env).proxy?.host ?? null;
  const both = { HTTP_PROXY: 'http://p:1', https_proxy: 's:2' };
  assert.equal(proxyOf('http://tracker.invalid', both), 'p:1');
  assert.equal(proxyOf('https://tracker.invalid', both), 's:2');
  assert.equal(proxyOf('http://h', { all_proxy: 'http://a:3' }), 'a:3');
  assert.equal(proxyOf('http://h', { http_proxy: 'http://low:1', HTTP_PROXY: 'http://up:1' }), 'low:1');
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]'])
    assert.equal(proxyOf(`http://${host}:5000`, both), null, host);
  for (const list of [
    'h.example.org',
    'example.org',
    '.example.org',
    '*.example.org',
    'x, h.example.org',
    '*',
    'example.org:80',
  ])
    assert.equal(proxyOf('http://h.example.org', { ...both, NO_PROXY: list }), null, list);
  for (const list of ['', 'ample.org', 'g.example.org', 'example.org:81', 'h.example.org.uk'])
    assert.equal(proxyOf('http://h.example.org', { ...both, no_proxy: list }), 'p:1', list);
  assert.equal(proxyOf('http://10.1.2.3', { ...both, NO_PROXY: '10.0.0.0/8' }), null);
  assert.equal(proxyOf('http://11.1.2.3', { ...both, NO_PROXY: '10.0.0.0/8' }), 'p:1');
  assert.throws(() => proxyOf('http://h', { http_proxy: 'socks5://p:1' }), /has to be an address such as .*NO_PROXY/);
});

async function listening(context: TestContext, server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

const experiment = JSON.stringify({ experiment: { experiment_id: '7', name: 'e', lifecycle_stage: 'active' } });

const mlflow =
  (asked: string[]): RequestListener =>
  (request, answer) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      asked.push([request.method, request.url, request.headers.host, request.headers.authorization, body].join(' '));
      answer.setHeader('content-type', 'application/json');
      answer.end(request.method === 'POST' ? '{}' : experiment);
    });
  };

test('an http server is asked through a proxy by its whole address, with the credentials of both', async (context) => {
  const asked: string[] = [];
  const proxied: (string | undefined)[] = [];
  const server = createServer((request, answer) => {
    proxied.push(request.headers['proxy-authorization']);
    mlflow(asked)(request, answer);
  });
  const port = await listening(context, server);
  const env = { http_proxy: `http://me:p%40ss@127.0.0.1:${port}`, ...once };
  const client = openMlflow('http://ann:pw@tracker.invalid/base', { env });
  assert.equal((await experimentByName(client, 'e'))?.experimentId, '7');
  const path = 'http://tracker.invalid/base/api/2.0/mlflow/experiments/get-by-name?experiment_name=e';
  assert.deepEqual(asked, [`GET ${path} tracker.invalid ${basic('ann:pw')} `]);
  assert.deepEqual(proxied, [basic('me:p@ss')]);
});

function certificate(): { cert: string; key: string } {
  const [key, cert] = [join(scratch, 'key.pem'), join(scratch, 'cert.pem')];
  const subject = ['-subj', '/CN=tracker.invalid', '-addext', 'subjectAltName=DNS:tracker.invalid,IP:127.0.0.1'];
  const args = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    ...subject,
    '-keyout',
    key,
    '-out',
    cert,
  ];
  execFileSync('openssl', args, { stdio: 'ignore' });
  return { cert, key };
}

test('https: a CA file, a client certificate, no check at all, and a tunnel through a proxy', async (context) => {
  const { cert, key } = certificate();
  const asked: string[] = [];
  const tls = { cert: readFileSync(cert), key: readFileSync(key) };
  const server = createSecureServer(
    { ...tls, ca: tls.cert, requestCert: true, rejectUnauthorized: false },
    mlflow(asked),
  );
  const port = await listening(context, server);
  const ask = (uri: string, env: Record<string, string>) =>
    experimentByName(openMlflow(uri, { env: { ...env, ...once } }), 'e');
  const uri = `https://127.0.0.1:${port}`;
  await assert.rejects(ask(uri, {}), /certificate that is not trusted here: set MLFLOW_TRACKING_SERVER_CERT_PATH/);
  for (const name of ['MLFLOW_TRACKING_SERVER_CERT_PATH', 'REQUESTS_CA_BUNDLE'])
    assert.equal((await ask(uri, { [name]: cert }))?.experimentId, '7');
  assert.equal((await ask(uri, { MLFLOW_TRACKING_INSECURE_TLS: 'true' }))?.experimentId, '7');
  assert.throws(
    () => openMlflow(uri, { env: { MLFLOW_TRACKING_SERVER_CERT_PATH: '/no/ca.pem' } }),
    /no\/ca.pem, which does not exist/,
  );
  assert.throws(
    () => openMlflow(uri, { env: { MLFLOW_TRACKING_SERVER_CERT_PATH: cert, MLFLOW_TRACKING_INSECURE_TLS: 'true' } }),
    /both set/,
  );
  let authorized: boolean | undefined;
  server.once('secureConnection', (socket) => (authorized = socket.authorized));
  const both = join(scratch, 'both.pem');
  writeFileSync(both, Buffer.concat([tls.cert, tls.key]));
  await ask(uri, { MLFLOW_TRACKING_SERVER_CERT_PATH: cert, MLFLOW_TRACKING_CLIENT_CERT_PATH: both });
  assert.equal(authorized, true);

  const tunnelled: string[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    tunnelled.push(`${request.url} ${request.headers['proxy-authorization']}`);
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  const env = { HTTPS_PROXY: `http://me:pw@127.0.0.1:${await listening(context, proxy)}` };
  const found = await ask('https://tracker.invalid:444', { ...env, MLFLOW_TRACKING_SERVER_CERT_PATH: cert });
  assert.equal(found?.experimentId, '7');
  assert.deepEqual(tunnelled, [`tracker.invalid:444 ${basic('me:pw')}`]);
  assert.match(asked.at(-1) ?? '', /tracker\.invalid:444/);
  const refusing = createServer().on('connect', (_, socket) => void socket.end('HTTP/1.1 407 No\r\n\r\n'));
  const refused = `http://127.0.0.1:${await listening(context, refusing)}`;
  await assert.rejects(
    ask('https://tracker.invalid', { https_proxy: refused }),
    /the proxy 127\.0\.0\.1:\d+ answered 407/,
  );
});

test('redirects on one host keep the method and the body; those to another host are not followed', async (context) => {
  const asked: string[] = [];
  const real = createServer(mlflow(asked));
  const realPort = await listening(context, real);
  let target = `http://127.0.0.1:${realPort}`;
  let status = 301;
  const front = createServer((request, answer) => {
    request.resume();
    answer.writeHead(status, { location: `${target}${request.url}` }).end();
  });
  const client = openMlflow(`http://127.0.0.1:${await listening(context, front)}`, { env: once });
  for (status of [301, 302, 307, 308]) await setExperimentTag(client, '7', 'k', 'v');
  const body = '{"experiment_id":"7","key":"k","value":"v"}';
  const path = '/api/2.0/mlflow/experiments/set-experiment-tag';
  assert.deepEqual(
    asked,
    Array.from({ length: 4 }, () => `POST ${path} 127.0.0.1:${realPort}  ${body}`),
  );
  target = 'http://login.invalid';
  await assert.rejects(setExperimentTag(client, '7', 'k', 'v'), /answered 308 \(it redirects to login\.invalid/);
  target = '';
  await assert.rejects(setExperimentTag(client, '7', 'k', 'v'), /answered 308/, 'a loop ends');
});
