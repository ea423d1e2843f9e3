import { version as tfjsVersion } from '@tensorflow/tfjs-core/dist/version.js';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { cardModels } from './device.ts';
import type { EngineChoice } from './engine-choice.ts';
import { withoutOwnFlag } from './tensorflow/gpu-determinism.ts';
import { ownXlaFlags } from './tensorflow/program-cache.ts';
import { installableTfjsBackends } from './tfjs/backends.ts';
import { findTensorFlow, installableIdentity } from './tensorflow/install/install.ts';
import type { System } from './tensorflow/install/system.ts';

/**
 * Everything outside a stage's params that changes the bits an engine computes, for the stage's key. Takes a
 * millisecond: it loads no library. If none is installed yet, the result is the same as after the installation.
 */
export function numericEnvironment(choice: EngineChoice, system: System = process): Record<string, string> {
  // Absent on Linux, because keys from before the other platforms must stay valid.
  const platform: Record<string, string> = system.platform === 'linux' ? {} : { platform: system.platform };
  switch (choice.engine) {
    case 'tensorflow':
      return {
        engine: 'tensorflow',
        library: findTensorFlow(choice.device, system)?.identity ?? installableIdentity(choice.device, system),
        compiler: choice.xla ? 'xla' : 'graph',
        threads: String(choice.threads),
        // Absent for the CPU, because keys from before the choice of device must stay valid.
        ...(choice.device === 'gpu' ? { device: ['gpu', ...new Set(cardModels())].join(' ') } : {}),
        cpu: cpuKernels(system),
        ...kernelSettings(),
        ...platform,
      };
    case 'tfjs':
      return {
        engine: 'tfjs',
        library: `tfjs-core ${tfjsVersion}`,
        backend: tfjsBackend(),
        cpu: system.arch,
        ...platform,
      };
  }
}

/**
 * What compiled programs depend on besides their graphs. That is more than what changes bits, because a program must
 * also run on this processor.
 */
export function compilerEnvironment(choice: EngineChoice): Record<string, string> {
  return { ...numericEnvironment(choice), flags: cpuFlags().join(' ') };
}

/** The architecture, and the instruction sets that TensorFlow, oneDNN or XLA have special kernels for. */
function cpuKernels({ platform, arch }: System): string {
  if (platform === 'darwin') return [arch, chipFamily(cpus()[0]?.model ?? '')].filter(Boolean).join(' ');
  const flags = new Set(cpuFlags());
  return [arch, ...kernelFlags.filter((flag) => flags.has(flag))].join(' ');
}

/** `Apple M2` for `Apple M2 Pro`: macOS lists no instruction sets, and the chips of a family have the same. */
export function chipFamily(model: string): string {
  return /^Apple [A-Z]\d+/.exec(model)?.[0] ?? model.trim();
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
  // on arm64
  'asimdhp',
  'asimddp',
  'sve',
  'sve2',
  'bf16',
  'i8mm',
];

/**
 * The first processor's flags, called `Features` on arm64; the whole file is slow to read on machines with hundreds.
 * Empty outside Linux.
 */
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
    return /^(?:flags|Features)\s*:\s*(.*)$/m.exec(text)?.[1]?.split(' ') ?? [];
  } finally {
    closeSync(fd);
  }
}

/** The user's own settings that change which kernels TensorFlow uses. */
function kernelSettings(): Record<string, string> {
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
