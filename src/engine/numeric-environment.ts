import { version as tfjsVersion } from '@tensorflow/tfjs-core/dist/version.js';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cardModels } from './device.ts';
import type { EngineChoice } from './engine-choice.ts';
import { withoutOwnFlag } from './tensorflow/gpu-determinism.ts';
import { ownXlaFlags } from './tensorflow/program-cache.ts';
import { installableTfjsBackends } from './tfjs/backends.ts';
import { findTensorFlow, installableIdentity } from './tensorflow/install/install.ts';

/**
 * All that changes the bits an engine computes and isn't in a stage's params, for the stage's key. Costs a millisecond:
 * it loads no library, and where none is installed yet it answers as after the installation.
 */
export function numericEnvironment(choice: EngineChoice): Record<string, string> {
  switch (choice.engine) {
    case 'tensorflow':
      return {
        engine: 'tensorflow',
        library: findTensorFlow(choice.device)?.identity ?? installableIdentity(choice.device),
        compiler: choice.xla ? 'xla' : 'graph',
        threads: String(choice.threads),
        // Left out for the CPU, which keys have meant since before there was a choice.
        ...(choice.device === 'gpu' ? { device: ['gpu', ...new Set(cardModels())].join(' ') } : {}),
        cpu: cpuKernels(),
        ...oneDnn(),
      };
    case 'tfjs':
      return { engine: 'tfjs', library: `tfjs-core ${tfjsVersion}`, backend: tfjsBackend(), cpu: process.arch };
  }
}

/**
 * What programs compiled for this machine depend on, besides their graphs: more than changes bits, for a program must
 * also run here.
 */
export function compilerEnvironment(choice: EngineChoice): Record<string, string> {
  return { ...numericEnvironment(choice), flags: cpuFlags().join(' ') };
}

/** The architecture, and the instruction sets for which TensorFlow, oneDNN or XLA have kernels of their own. */
function cpuKernels(): string {
  const flags = new Set(cpuFlags());
  return [process.arch, ...kernelFlags.filter((flag) => flags.has(flag))].join(' ');
}

const kernelFlags = [
  'avx',
  'avx2',
  'fma',
  'avx_vnni',
  'avx512f',
  'avx512dq',
  'avx512bw',
  'avx512vl',
  'avx512_vnni',
  'avx512_bf16',
  'avx512_fp16',
  'amx_tile',
  'amx_bf16',
  'amx_int8',
  'amx_fp16',
];

/** Of the first processor: the whole file takes its time on a machine with hundreds. Other systems than Linux give none. */
function cpuFlags(): string[] {
  let fd: number;
  try {
    fd = openSync('/proc/cpuinfo', 'r');
  } catch {
    return [];
  }
  try {
    const block = Buffer.alloc(16 * 1024);
    const text = block.toString('latin1', 0, readSync(fd, block));
    return /^flags\s*:\s*(.*)$/m.exec(text)?.[1]?.split(' ') ?? [];
  } finally {
    closeSync(fd);
  }
}

/** Settings of the user's that change TensorFlow's kernels, if there are any. */
function oneDnn(): Record<string, string> {
  return Object.fromEntries(
    ['TF_ENABLE_ONEDNN_OPTS', 'ONEDNN_MAX_CPU_ISA', 'ONEDNN_DEFAULT_FPMATH_MODE', 'TF_XLA_FLAGS', 'XLA_FLAGS']
      .map((name) => [name, name === 'TF_XLA_FLAGS' ? ownXlaFlags() : withoutOwnFlag(process.env[name] ?? '')])
      .filter(([, value]) => value !== ''),
  );
}

function tfjsBackend(): string {
  const require = createRequire(import.meta.url);
  for (const name of installableTfjsBackends) {
    try {
      const { version } = JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8')) as {
        version: string;
      };
      return `${name} ${version}`;
    } catch {
      // not installed
    }
  }
  return 'cpu';
}
