import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Digest } from '../../src/pipeline/plan/key.ts';
import { runStageHere } from '../../src/run/executor/stage-process.ts';
import type { StageCall } from '../../src/run/executor/stage-process.ts';

// Stands where the command line stands: `exec-stage SPEC`, with one kind that counts and remembers how far it came.
process.exit(
  await runStageHere(process.argv[3] as string, {
    version: async () => 1,
    run: (_kind, call) => count(call),
    digestSource: async (_kind, _param, { path }) =>
      createHash('sha256').update(readFileSync(path)).digest('hex') as Digest,
  }),
);

async function count({ params, runtime, inputs, sources, outDir, scratchDir, emit, signal }: StageCall): Promise<void> {
  // which processes worked, when, and with what: `witness` is a file outside
  const witness = (what: string): void =>
    typeof params['witness'] === 'string'
      ? appendFileSync(
          params['witness'],
          `${what} ${process.pid} ${process.env['CUDA_VISIBLE_DEVICES'] ?? '-'} ${process.execArgv.find((arg) => arg.startsWith('--max-old')) ?? '-'}\n`,
        )
      : undefined;
  witness('start');
  if (params['fail'] === 'input')
    throw Object.assign(new Error('nothing to count'), { name: 'StageInputError', hint: 'give it a number' });
  if (params['fail'] === 'bug') throw new TypeError('a bug');
  if (params['fail'] === 'die') process.kill(process.pid, 'SIGKILL');
  const at = join(scratchDir, 'at');
  let done = existsSync(at) ? Number(readFileSync(at, 'utf8')) : 0;
  if (done) emit({ kind: 'resumed', step: done });
  const to = Number(params['to']);
  while (done < to) {
    if (typeof runtime['pauseAt'] === 'number' && done >= runtime['pauseAt'])
      throw Object.assign(new Error('paused'), { name: 'StagePaused', step: done });
    await sleep(Number(params['ms'] ?? 0));
    done++;
    // told first, kept then: a kill between the two tells a step twice, but loses none; nor does it leave an empty file
    emit({ kind: 'metric', name: 'count', step: done, value: done === 2 ? NaN : done * 10 });
    writeFileSync(`${at}.new`, String(done));
    renameSync(`${at}.new`, at);
    if (signal.aborted) throw Object.assign(new Error('stopped'), { name: 'StageStopped' });
  }
  const tries = join(scratchDir, 'tries');
  const tried = existsSync(tries) ? Number(readFileSync(tries, 'utf8')) : 0;
  writeFileSync(tries, String(tried + 1));
  if (tried < Number(params['failTimes'] ?? 0)) throw new Error(`try ${tried + 1} fails`);
  if (sources['source'])
    emit({ kind: 'note', text: `read ${readFileSync(sources['source'], 'utf8').length} characters` });
  witness('end');
  const before = inputs['from'] ? readFileSync(join(inputs['from'], 'count.txt'), 'utf8') : '';
  writeFileSync(join(outDir, 'count.txt'), `${before}${to}\n`);
}
