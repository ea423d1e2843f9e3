import { appendFileSync, chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from '@sinclair/typebox';
import { defineContract } from '../../src/pipeline/define-contract.ts';
import { StageInputError, StagePaused, StageStopped } from '../../src/pipeline/stage-kind.ts';
import type { StageContext, ValuesOf } from '../../src/pipeline/stage-kind.ts';

const params = {
  to: Type.Number(),
  ms: Type.Optional(Type.Number()),
  fail: Type.Optional(Type.String()),
  failTimes: Type.Optional(Type.Number()),
  witness: Type.Optional(Type.String({ description: 'a file to which each process of this stage appends lines' })),
};
const runtime = { pauseAt: Type.Optional(Type.Number()), startMs: Type.Optional(Type.Number()) };

/** Counts to `to`, saving its progress, so that it can resume. */
export const countKind = defineContract({
  kind: 'count',
  version: 1,
  summary: 'counts',
  params,
  runtime,
  inputs: { '*': 'files' },
  output: 'files',
  run: async (context) => count(context),
});

async function count(context: StageContext<ValuesOf<typeof params>, ValuesOf<typeof runtime>>): Promise<void> {
  const { params, runtime, inputs, sources, outDir, scratchDir, emit, signal } = context;
  // records which processes ran, and with which GPUs and heap size
  const witness = (what: string): void =>
    params.witness === undefined
      ? undefined
      : appendFileSync(
          params.witness,
          `${what} ${process.pid} ${process.env['CUDA_VISIBLE_DEVICES'] ?? '-'} ${process.execArgv.find((arg) => arg.startsWith('--max-old')) ?? '-'}\n`,
        );
  witness('start');
  if (params.fail === 'input') throw new StageInputError('nothing to count', 'give it a number');
  if (params.fail === 'bug') throw new TypeError('a bug');
  if (params.fail === 'write input') {
    chmodSync(join(inputs['from']!, 'count.txt'), 0o644);
    appendFileSync(join(inputs['from']!, 'count.txt'), 'more\n');
  }
  if (params.fail === 'die') process.kill(process.pid, 'SIGKILL');
  const progressPath = join(scratchDir, 'at');
  let done = existsSync(progressPath) ? Number(readFileSync(progressPath, 'utf8')) : 0;
  if (done) emit({ kind: 'resumed', step: done });
  for (let waited = 0; waited < (runtime.startMs ?? 0); waited += 20) {
    await sleep(20);
    if (signal.aborted) throw new StageStopped();
  }
  while (done < params.to) {
    if (runtime.pauseAt !== undefined && done >= runtime.pauseAt) throw new StagePaused(done);
    await sleep(params.ms ?? 0);
    done++;
    // Report first, then save: after a kill in between, the step is reported twice, but none is lost.
    // Renaming never leaves an empty file.
    emit({ kind: 'metric', name: 'count', step: done, value: done === 2 ? NaN : done * 10 });
    writeFileSync(`${progressPath}.new`, String(done));
    renameSync(`${progressPath}.new`, progressPath);
    if (signal.aborted) throw new StageStopped();
  }
  const triesPath = join(scratchDir, 'tries');
  const tried = existsSync(triesPath) ? Number(readFileSync(triesPath, 'utf8')) : 0;
  writeFileSync(triesPath, String(tried + 1));
  if (tried < (params.failTimes ?? 0)) throw new Error(`try ${tried + 1} fails`);
  if (sources['source'])
    emit({ kind: 'note', text: `read ${readFileSync(sources['source'], 'utf8').length} characters` });
  witness('end');
  const before = inputs['from'] ? readFileSync(join(inputs['from'], 'count.txt'), 'utf8') : '';
  writeFileSync(join(outDir, 'count.txt'), `${before}${params.to}\n`);
}
