import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { availableMemory, memoryInVmStat } from '../../src/engine/available-memory.ts';
import { temporaryDir } from '../kit/temporary.ts';

const meminfo = 'MemTotal:       16000000 kB\nMemFree:         1000000 kB\nMemAvailable:    8000000 kB\n';

function machine(context: TestContext, files: Record<string, string>): string {
  const root = temporaryDir(context);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

test('takes the smallest of free memory and the limits of all control groups; cached files count as free', (context) => {
  assert.equal(availableMemory(machine(context, {})), null);
  assert.equal(availableMemory(machine(context, { 'proc/meminfo': meminfo })), 8_192_000_000);
  const v2 = {
    'proc/meminfo': meminfo,
    'proc/self/cgroup': '0::/pod/box\n',
    'sys/fs/cgroup/pod/box/memory.max': 'max\n',
    'sys/fs/cgroup/pod/box/memory.current': '5\n',
  };
  assert.equal(availableMemory(machine(context, v2)), 8_192_000_000);
  const limited = {
    ...v2,
    'sys/fs/cgroup/pod/memory.max': '3000000000\n',
    'sys/fs/cgroup/pod/memory.current': '2500000000\n',
    'sys/fs/cgroup/pod/memory.stat': 'anon 1\ninactive_file 400000000\n',
  };
  assert.equal(availableMemory(machine(context, limited)), 900_000_000);
  const v1 = {
    'proc/meminfo': meminfo,
    'proc/self/cgroup': '4:cpu:/a\n5:memory:/a\n',
    'sys/fs/cgroup/memory/a/memory.limit_in_bytes': '1000\n',
    'sys/fs/cgroup/memory/a/memory.usage_in_bytes': '400\n',
    'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    'sys/fs/cgroup/memory/memory.usage_in_bytes': '1\n',
  };
  assert.equal(availableMemory(machine(context, v1)), 600);
});

test('on macOS, free, inactive and speculative pages are available', () => {
  const printed = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                                   129780.
Pages active:                                 281638.
Pages inactive:                               273368.
Pages speculative:                              7622.
Pages throttled:                                   0.
Pages wired down:                             136267.
Pages purgeable:                               21173.
"Translation faults":                      148621725.
File-backed pages:                            218388.
Anonymous pages:                              344240.
Pages stored in compressor:                   451881.
Pages occupied by compressor:                 184956.
`;
  assert.equal(memoryInVmStat(printed), (129_780 + 273_368 + 7622) * 16_384);
  assert.equal(memoryInVmStat(printed.replace('16384', '4096')), (129_780 + 273_368 + 7622) * 4096);
  assert.equal(memoryInVmStat(''), null);
});

test('this machine has available memory', () => {
  assert.ok(process.platform !== 'linux' || availableMemory()! > 10e6);
});
