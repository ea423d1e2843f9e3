import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mlflowAddress } from '../../src/tracking/mlflow/address.ts';
import { MlflowAddressError } from '../../src/tracking/mlflow/network.ts';
import { networkError, responseError } from '../../src/tracking/mlflow/error.ts';
import { legalKey, metricPoint, paramValue } from '../../src/tracking/mlflow/values.ts';

test('replaces what MLflow does not allow in keys', () => {
  for (const [name, key] of [
    ['train/loss', 'train/loss'],
    ['a[0]#%@b', 'a_0____b'],
    ['../x', '_/x'],
    ['/a//b/', 'a/b'],
    ['', '_'],
    ['.', '_'],
    ['größe/日本 1', 'größe/日本 1'],
  ] as const)
    assert.equal(legalKey(name), key);
  assert.equal(legalKey('x'.repeat(300)).length, 250);
});

test('truncates long params with a note, and does not split surrogate pairs', () => {
  const cut = paramValue('a' + '😀'.repeat(4000));
  assert.ok(cut.length <= 6000);
  assert.match(cut, /… \(cut; 8001 characters in all\)$/);
  assert.ok(!/\p{Surrogate}/u.test(cut));
  assert.equal(paramValue('x'.repeat(6000)), 'x'.repeat(6000));
});

test('refuses metric values that would spoil a batch before they are sent', () => {
  const good = { name: 'a', step: 1, value: 1, time: 1 };
  assert.deepEqual(metricPoint({ ...good, value: NaN }), { key: 'a', value: 'NaN', timestamp: 1, step: 1 });
  assert.equal(metricPoint({ ...good, value: -Infinity }).value, '-Infinity');
  for (const bad of [
    { step: 1.5 },
    { time: 1.5 },
    { time: -1 },
    { step: NaN },
    { value: 'x' as unknown as number },
    { value: true as unknown as number },
    { value: null as unknown as number },
  ]) {
    assert.throws(() => metricPoint({ ...good, ...bad }), { name: 'RefusedValue' });
  }
});

test('the address keeps its path prefix; credentials come from the URI or the environment', () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  assert.equal(mlflowAddress('https://host/some/prefix/', {}).base, 'https://host/some/prefix');
  assert.equal(mlflowAddress('http://h:5000', {}).headers.authorization, undefined);
  const withUser = mlflowAddress('http://me:p%40ss@h:5000', {});
  assert.equal(withUser.base, 'http://h:5000');
  assert.equal(withUser.headers.authorization, basic('me:p@ss'));
  assert.equal(mlflowAddress('http://h', { MLFLOW_TRACKING_TOKEN: 'tok' }).headers.authorization, 'Bearer tok');
  assert.equal(
    mlflowAddress('http://h', {
      MLFLOW_TRACKING_TOKEN: 'tok',
      MLFLOW_TRACKING_USERNAME: 'u',
      MLFLOW_TRACKING_PASSWORD: 'p',
    }).headers.authorization,
    basic('u:p'),
  );
  assert.equal(
    mlflowAddress('http://h', { MLFLOW_TRACKING_TOKEN: 'tok', MLFLOW_TRACKING_USERNAME: 'u' }).headers.authorization,
    'Bearer tok',
  );
  assert.equal(mlflowAddress('http://h', { MLFLOW_WORKSPACE: 'w' }).headers['x-mlflow-workspace'], 'w');
  assert.equal(mlflowAddress('http://h', { MLFLOW_HTTP_REQUEST_TIMEOUT: '7' }).timeoutMs, 7000);
  assert.equal(mlflowAddress('http://h', { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' }).retries, 0);
});

test('addresses that are not servers are refused with advice', () => {
  assert.throws(
    () => mlflowAddress('sqlite:///my.db', {}),
    /mlflow server --backend-store-uri sqlite:\/\/\/my\.db[\s\S]*MLFLOW_TRACKING_URI=/,
  );
  assert.throws(() => mlflowAddress('./mlruns', {}), /is a folder or a database[\s\S]*mlflow server/);
  assert.throws(() => mlflowAddress('file:///x/mlruns', {}), /mlflow server/);
  assert.throws(() => mlflowAddress('databricks', {}), /folder|not supported/);
  assert.throws(() => mlflowAddress('http://', {}), /not a valid address/);
  assert.throws(
    () => mlflowAddress('mysql://me:secret@h/db', {}),
    (error: Error) => !error.message.includes('secret'),
  );
});

test('a malformed % in the address is part of the user name or password', () => {
  const basic = (uri: string): string =>
    Buffer.from(mlflowAddress(uri, {}).headers.authorization?.slice(6) ?? '', 'base64').toString();
  assert.equal(basic('http://ann:50%off@h'), 'ann:50%off');
  assert.equal(basic('http://100%:%@h'), '100%:%');
  assert.equal(basic('http://ann:a%40b%zz%C3%BC%ff@h'), 'ann:a@b%zzü%ff');
  assert.equal(basic('http://ann:50%25off@h'), 'ann:50%off');
});

test('no message shows a password or token, whatever characters it has', () => {
  const uris = [
    'http://user:s3cr/et@h',
    'http://user:12/et@h',
    'http://user:12?et@h',
    'http://user:12#et@h',
    'http://user:p@s/et@h',
    'postgresql://u:p@et:w/et@h/db',
    'mysql://u:et@h/db?password=et',
    'user:et@h:5000',
    'et@h',
    'http://u:et@',
    'http://u:et@h:port',
  ];
  for (const uri of uris)
    assert.throws(
      () => mlflowAddress(uri, {}),
      (error: Error) =>
        error instanceof MlflowAddressError && !/\bet\b|s3cr|12/.test(error.message.replaceAll('127.0.0.1', '')),
      uri,
    );
  for (const token of ['a\nb', 'a\r\nx-other: b', 'a\0b', 'schlüssel ✓'])
    for (const name of ['MLFLOW_TRACKING_TOKEN', 'MLFLOW_WORKSPACE'])
      assert.throws(
        () => mlflowAddress('http://h', { [name]: token }),
        (error: Error) =>
          error instanceof MlflowAddressError && error.message.includes(name) && !error.message.includes(token),
      );
  assert.equal(mlflowAddress('http://h', { MLFLOW_TRACKING_TOKEN: 'tok\n' }).headers.authorization, 'Bearer tok');
});

test('errors do not repeat credentials that a server or a library put into its message', () => {
  const address = mlflowAddress('http://ann:50%off@h', {});
  const pair = Buffer.from('ann:50%off').toString('base64');
  const echoed = `<p>bad: ann 50%off ${address.headers.authorization}</p>`;
  for (const { message } of [
    responseError(address, 407, echoed, {}),
    networkError(address, new Error(`invalid header ${pair} of ann:50%off@h`)),
  ])
    assert.ok(!message.includes('50%off') && !message.includes(pair), message);
});

test('error responses of every format become advice', () => {
  const messageFor = (status: number, text: string, headers: Record<string, string> = {}): string =>
    responseError(mlflowAddress('http://h', {}), status, text, headers).message;
  assert.match(messageFor(403, 'Invalid Host header - possible DNS rebinding attack detected'), /--allowed-hosts/);
  assert.match(messageFor(401, 'You are not authenticated.'), /MLFLOW_TRACKING_USERNAME/);
  assert.match(
    messageFor(404, '<!doctype html><html><title>404 Not Found</title><h1>Not Found</h1></html>'),
    /^http:\/\/h answered 404: Not Found \(there is no MLflow at this path/,
  );
  assert.match(
    messageFor(500, '{"error_code":"FEATURE_DISABLED","message":"no workspaces"}'),
    /unset MLFLOW_WORKSPACE/,
  );
  assert.match(
    messageFor(400, '{"error_code":"INVALID_PARAMETER_VALUE","message":"bad key"}'),
    /answered 400: bad key$/,
  );
  assert.equal(
    responseError(
      mlflowAddress('http://b', {}),
      503,
      '{"error_code":"TEMPORARILY_UNAVAILABLE","message":"database is locked"}',
      {},
    ).transient,
    true,
  );
  assert.equal(
    responseError(
      mlflowAddress('http://b', {}),
      503,
      'Endpoint disabled due to the mlflow server running with `--no-serve-artifacts`.',
      {},
    ).transient,
    false,
  );
  assert.equal(
    responseError(mlflowAddress('http://b', {}), 500, '{"error_code":"INVALID_STATE","message":""}', {}).transient,
    false,
  );
  assert.equal(responseError(mlflowAddress('http://b', {}), 429, '', { 'retry-after': '3' }).retryAfterMs, 3000);
  assert.match(
    networkError(mlflowAddress('http://h', {}), Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })).message,
    /no server is running there/,
  );
});
