import { defineContract } from '../../src/pipeline/define-contract.ts';
import { codeFiles } from './code-files.ts';
import { lacks } from './on-this-machine.ts';
import { check, params, runtime, type Output } from './params.ts';

export const contract = defineContract({
  kind: 'command',
  alsoCalled: ['shell', 'script', 'bash', 'python', 'exec'],
  version: 1,
  summary: 'runs a program of your own, with declared inputs, scripts, variables and output',
  params,
  runtime,
  sources: ['code', 'data'],
  sourceFiles: (param, path) => (param.startsWith('code') ? codeFiles(path) : null),
  lacks,
  optionalInputs: { '*': 'any' },
  // also called with params that are not validated yet
  output: (written) => (written as { output?: Output } | undefined)?.output ?? 'files',
  check,
  run: async (context) => (await import('../command.ts')).run(context),
});
