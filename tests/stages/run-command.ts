import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import type { StageEvent } from '../../src/pipeline/events.ts';
import { contract as command } from '../../stages/command/contract.ts';
import type { Params } from '../../stages/command/params.ts';

export interface Given {
  params: Partial<Params> & { argv: string[] };
  inputs?: Record<string, string>;
  sources?: Record<string, string>;
  passEnv?: string[];
  signal?: AbortSignal;
}

/** Runs the stage as the runner would. */
export async function runCommand(
  dir: string,
  { params, inputs = {}, sources = {}, passEnv = [], signal = new AbortController().signal }: Given,
) {
  const [outDir, scratchDir] = [join(dir, 'out'), join(dir, 'scratch')];
  for (const path of [outDir, scratchDir]) mkdirSync(path, { recursive: true });
  const filled = Value.Default(command.params, { ...params }) as Params;
  assert.deepEqual(command.check!(filled, Object.keys(inputs)), []);
  const events: StageEvent[] = [];
  await command.run({
    params: filled,
    runtime: { passEnv },
    inputs,
    sources,
    outDir,
    scratchDir,
    emit: (event) => events.push(event),
    signal,
  });
  return { events, outDir, at: (file: string) => readFileSync(join(outDir, file), 'utf8') };
}

/** argv that runs a Node script */
export const node = (code: string, ...args: string[]): string[] => [process.execPath, '-e', code, ...args];
