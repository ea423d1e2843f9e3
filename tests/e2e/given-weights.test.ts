import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { publishedWeights } from '../../src/artifacts/given-weights/published-weights.ts';
import { fetchWeights } from '../../src/cli/machine/setup-weights.ts';
import { initialWeights } from '../../src/lm/model/gpt2/initial-weights.ts';
import { runJson, runRunner, writeExport, writePipeline } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';
import { writeOpenAiFolder } from '../kit/tensorflow-checkpoint.ts';

const shape = { vocabularySize: 50257, context: 32, layers: 1, heads: 2, width: 16 };

/** A pipeline whose training starts from `init` instead of random weights. */
function pipelineWithInit(context: TestContext, init: string) {
  const dir = temporaryDir(context);
  writeExport(join(dir, 'export'), 40);
  const file = writePipeline(join(dir, 'tiny.yaml'), './export', {
    'model: { layers: 1, heads: 2, width: 16, context: 32 }': `init: ${init}`,
    'steps: 30': 'steps: 2',
  });
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^ {2}(samples|report): .*\n/gm, ''));
  const weights = initialWeights(shape, 9);
  const writeWeights = (to: string): void => writeOpenAiFolder(to, shape, (name) => weights[name]!);
  return { dir, file, runs: join(dir, 'runs'), writeWeights };
}

const planOf = async (file: string, runs: string, env: Record<string, string> = {}) => {
  const { code, stdout, stderr } = await runRunner(['plan', file, '--json'], runs, env);
  assert.equal(code, 0, stderr);
  const { stages } = JSON.parse(stdout) as { stages: { name: string; verdict: string; reasons: string[] }[] };
  return stages.find(({ name }) => name === 'model')!;
};

test('weights in a user’s folder: the key contains their content, but not their path or unused files', async (context) => {
  const { dir, file, runs, writeWeights } = pipelineWithInit(context, '{ kind: folder, path: ./weights }');
  const missing = await runRunner(['plan', file], runs);
  assert.match(missing.stdout, /model +train +waits +no file or folder "\.\/weights"/);
  assert.match(
    missing.stdout,
    /cannot run model: no file or folder "\.\/weights" \(.*tiny\.yaml:\d+\)\n {2}hint: nothing is at .*\/weights; a folder with model\.safetensors and config\.json, or with model\.ckpt\.index/,
  );
  mkdirSync(join(dir, 'weights'));
  assert.match((await runRunner(['run', file], runs)).stderr, /has no GPT-2 weights/);

  writeWeights(join(dir, 'weights'));
  const { stages } = await runJson([file], runs);
  assert.deepEqual(
    stages.map(({ outcome }) => outcome),
    ['ran', 'ran', 'ran'],
  );
  const preImages = readdirSync(join(runs, 'store', 'keys')).map((key) =>
    readFileSync(join(runs, 'store', 'keys', key, 'pre-image.json'), 'utf8'),
  );
  const training = preImages.find((text) => text.includes('"train"'))!;
  assert.ok(!training.includes('./weights') && !training.includes(dir), 'no path');
  assert.match(training, /"sources":\s*{\s*"init\.path":\s*"[0-9a-f]{64}"/);

  renameSync(join(dir, 'weights'), join(dir, 'elsewhere'));
  writeFileSync(join(dir, 'elsewhere', 'model.ckpt.meta'), 'the graph, which is not read');
  writeFileSync(file, readFileSync(file, 'utf8').replace('./weights', './elsewhere'));
  assert.equal((await planOf(file, runs)).verdict, 'cached');
  const data = join(dir, 'elsewhere', 'model.ckpt.data-00000-of-00001');
  const bytes = readFileSync(data);
  bytes[100]! ^= 1;
  writeFileSync(data, bytes);
  assert.deepEqual(await planOf(file, runs), {
    name: 'model',
    kind: 'train',
    verdict: 'due',
    reasons: ['init.path: its content changed'],
  });
  const damaged = await runRunner(['run', file], runs);
  assert.match(damaged.stdout, /✗ model +failed[^]*model\/\S+ is damaged: its bytes have the CRC/);
});

test('published weights: the plan says how to get missing ones; both names give the same key; another model is refused', async (context) => {
  const { dir, file, runs, writeWeights } = pipelineWithInit(context, '{ kind: published, name: 345M }');
  const env = { RUNNER_WEIGHTS: join(dir, 'weights') };
  const { code, stdout } = await runRunner(['plan', file], runs, env);
  assert.equal(code, 0);
  assert.match(stdout, /model +train +waits +"345M" is not on this machine/);
  assert.match(
    stdout,
    /hint: \.\/runner setup weights 355M downloads it \(1\.5 GB\); or put OpenAI's files of 355M \(formerly called 345M\), or Hugging Face's model\.safetensors, into .*weights\/gpt2-355M/,
  );
  const run = await runRunner(['run', file], runs, env);
  assert.equal(run.code, 2);
  assert.match(run.stderr, /tiny\.yaml:\d+:\d+ error "345M" is not on this machine/);

  writeWeights(join(dir, 'weights', 'gpt2-355M'));
  for (const name of ['345M', '355M']) {
    writeFileSync(file, readFileSync(file, 'utf8').replace(/name: 3..M/, `name: ${name}`));
    const ran = await runRunner(['run', file], runs, env);
    assert.match(
      ran.stdout,
      new RegExp(
        `✗ model +failed[^]*contains a model with 1 layers of width 16; GPT-2 ${name} has 24 layers of width 1024`,
      ),
    );
  }
  const attempts = readdirSync(join(runs, 'store', 'work'));
  assert.equal(attempts.length, 1, 'one key');
});

test('init from an earlier training needs the input "start", and only then is it allowed', async (context) => {
  const { file, runs } = pipelineWithInit(context, '{ kind: artifact }');
  const text = readFileSync(file, 'utf8');
  const missing = await runRunner(['plan', file], runs);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /init: { kind: artifact } needs the input "start", which is missing/);
  const first =
    '  first:\n    kind: train\n    inputs: { chat: tokens }\n    params: { model: { layers: 1, heads: 2, width: 16, context: 32 }, schedule: { kind: constant, peak: 0.01 }, steps: 2, batchSize: 2 }\n';
  const both = text
    .replace('  model:\n', `${first}  model:\n`)
    .replace(
      '    inputs: { chat: tokens }\n    params:\n',
      '    inputs: { chat: tokens, start: first }\n    params:\n',
    );
  writeFileSync(file, both);
  assert.ok((await runJson([file], runs)).ok);
  assert.deepEqual(readdirSync(join(runs, 'latest', 'stages', 'model')).sort(), [
    'best',
    'final',
    'metrics.jsonl',
    'start',
  ]);
  writeFileSync(file, both.replace('start: first', 'start: tokens'));
  assert.match(
    (await runRunner(['plan', file], runs)).stderr,
    /"tokens" makes tokens, but "start" takes a checkpoint\n[^]*stages that make a checkpoint: first/,
  );
  writeFileSync(file, both.replace('init: { kind: artifact }', 'init: { kind: scratch }'));
  assert.match(
    (await runRunner(['plan', file], runs)).stderr,
    /"model" is missing: it sets the shape of a model from scratch[^]*the input "start" is only for init: { kind: artifact }|the input "start" is only for init[^]*"model" is missing/,
  );
});

// --- downloads, from a local test server ----------------------------------------------------------------------

async function serve(
  context: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const file = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251));
const entry = {
  name: '124M' as const,
  download: {
    path: 'some/model.safetensors',
    bytes: file.length,
    sha256: createHash('sha256').update(file).digest('hex'),
  },
};
const quiet = { say: () => {}, progress: () => {} };

test('an interrupted download resumes where it stopped, and the file gets its name only when it is complete', async (context) => {
  const dir = temporaryDir(context);
  const ranges: (string | undefined)[] = [];
  // A client may drop what it has received but not yet written when the connection breaks.
  const savedBytes = (): number => Math.max(0, ...readdirSync(dir).map((name) => statSync(join(dir, name)).size));
  const whenSaved = (bytes: number, then: () => void): void => {
    if (savedBytes() >= bytes) then();
    else setTimeout(() => whenSaved(bytes, then), 5);
  };
  const server = await serve(context, (request, response) => {
    ranges.push(request.headers.range);
    assert.equal(request.url, '/some/model.safetensors');
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': file.length - from });
    if (ranges.length === 1) {
      response.write(file.subarray(0, 100_000));
      whenSaved(100_000, () => response.destroy());
    } else response.end(file.subarray(from));
  });
  const path = join(dir, 'model.safetensors');
  await assert.rejects(
    fetchWeights(entry, { dir, server, ...quiet }),
    /could not be downloaded[^]*100,000 bytes were saved: run the command again to resume/,
  );
  assert.ok(!existsSync(path));
  assert.equal(await fetchWeights(entry, { dir, server: `${server}/`, ...quiet }), path);
  assert.deepEqual(ranges, [undefined, 'bytes=100000-']);
  assert.ok(readFileSync(path).equals(file));
  await fetchWeights(entry, { dir, server, ...quiet });
  assert.equal(ranges.length, 2, 'a complete file is not downloaded again');
});

test('rejects an error page and a wrong file, and replaces another tool’s partial file', async (context) => {
  const dir = temporaryDir(context);
  const path = join(dir, 'model.safetensors');
  let body: Buffer = Buffer.from('<?xml version="1.0"?><Error><Code>NoSuchBucket</Code></Error>');
  const server = await serve(context, (_request, response) =>
    response.writeHead(200, { 'content-length': body.length }).end(body),
  );
  const fetched = () => fetchWeights(entry, { dir, server, ...quiet });
  await assert.rejects(fetched, /the server offers a file of \d+ bytes, not of 300000/);
  assert.deepEqual(
    readdirSync(dir).filter((name) => name.startsWith('model')),
    [],
  );
  body = Buffer.from(file);
  body[5]! ^= 1;
  await assert.rejects(fetched, /sha256 is [0-9a-f]{64}, not [0-9a-f]{64}; it was deleted/);
  assert.deepEqual(
    readdirSync(dir).filter((name) => name.startsWith('model')),
    [],
  );
  body = file;
  // a partial file of another tool; this server ignores ranges and sends everything
  writeFileSync(`${path}.partial`, 'x'.repeat(200));
  await fetched();
  assert.ok(readFileSync(path).equals(file));
});

test('./runner setup weights: errors for a broken mirror, a model without a known hash, and a typo', async (context) => {
  const dir = temporaryDir(context);
  const asked: (string | undefined)[] = [];
  const server = await serve(context, (request, response) => {
    asked.push(request.url);
    response.writeHead(asked.length === 1 ? 404 : 200).end('not here');
  });
  const setup = (...args: string[]) =>
    runRunner(['setup', 'weights', ...args], dir, { HF_ENDPOINT: server, RUNNER_WEIGHTS: dir });
  const first = await setup('117M');
  assert.equal(first.code, 1);
  assert.match(
    first.stderr,
    /^error GPT-2 124M could not be downloaded from http:\/\/127\.0\.0\.1:\d+: the server answered 404 Not Found\n$/m,
  );
  assert.equal(asked[0], `/${publishedWeights('124M').download!.path}`);
  assert.match((await setup('345M')).stderr, /the server offers a file of 8 bytes, not of 1519984962|sha256 is/);
  assert.ok(
    !existsSync(join(dir, 'gpt2-124M', 'model.safetensors')) &&
      !existsSync(join(dir, 'gpt2-355M', 'model.safetensors')),
  );
  assert.match(
    (await setup('774M')).stderr,
    /GPT-2 774M cannot be downloaded, because its sha256 is not known: put OpenAI's files/,
  );
  assert.equal(asked.length, 2);
  const typo = await setup('123M');
  assert.deepEqual([typo.code, typo.stderr.trim()], [2, 'error no weights "123M"; did you mean "124M"?']);
  assert.match((await setup()).stderr, /which weights\? one of 124M, 117M/);
});
