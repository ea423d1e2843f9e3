import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runStageHere } from '../../src/run/run-stage-here.ts';
import type { StageCall } from '../../src/run/run-stage-here.ts';

// Stands where the command line stands: `exec-stage SPEC`, with one kind that counts and remembers how far it came.
process.exit(await runStageHere(process.argv[3] as string, (_kind, call) => count(call)));

async function count({ params, inputs, outDir, scratchDir, emit, signal }: StageCall): Promise<void> {
  if (params['fail'] === 'input') throw Object.assign(new Error('nothing to count'), { name: 'StageInputError', hint: 'give it a number' });
  if (params['fail'] === 'bug') throw new TypeError('a bug');
  if (params['fail'] === 'die') process.kill(process.pid, 'SIGKILL');
  const at = join(scratchDir, 'at');
  let done = existsSync(at) ? Number(readFileSync(at, 'utf8')) : 0;
  if (done) emit({ kind: 'resumed', step: done });
  const to = Number(params['to']);
  while (done < to) {
    await sleep(Number(params['ms'] ?? 0));
    writeFileSync(at, String(++done));
    emit({ kind: 'metric', name: 'count', step: done, value: done === 2 ? NaN : done * 10 });
    if (signal.aborted) throw Object.assign(new Error('stopped'), { name: 'StageStopped' });
  }
  const before = inputs['from'] ? readFileSync(join(inputs['from'], 'count.txt'), 'utf8') : '';
  writeFileSync(join(outDir, 'count.txt'), `${before}${to}\n`);
}
