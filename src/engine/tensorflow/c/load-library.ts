import { closeSync, readSync } from 'node:fs';
import { join } from 'node:path';
import koffi, { type LibraryHandle } from 'koffi';
import { libraryNamesOn } from '../install/system.ts';
import { bindCApi, type CApi, type ExecuteInBackground, type Pointer } from './api.ts';
import { hugePages, openUnnamed, systemLibraryOn } from './system-library.ts';

export interface TensorFlowLibrary {
  api: CApi;
  executeInBackground: ExecuteInBackground;
  /** Copies `byteLength` bytes between TensorFlow's memory and a typed array. */
  copyIn(to: Pointer<'data'>, from: ArrayBufferView, byteLength: number): void;
  copyOut(to: ArrayBufferView, from: Pointer<'data'>, byteLength: number): void;
  /** Asks for huge pages for memory that has not been touched yet. Long arrays are then read a third faster. */
  inHugePages(start: Pointer<'data'>, byteLength: number): void;
  /** Exits the process at once with `code`, without exit handlers or destructors of C++ statics. */
  exitNow(code: number): void;
}

let loaded: { dir: string; library: Promise<TensorFlowLibrary> } | undefined;

/**
 * Loads TensorFlow's two libraries from `dir`, on a worker thread. They stay loaded until the process exits, so a
 * second folder is an error.
 */
export function loadTensorFlow(dir: string): Promise<TensorFlowLibrary> {
  if (loaded && loaded.dir !== dir)
    throw new Error(`TensorFlow is already loaded from ${loaded.dir}; this process cannot also load ${dir}`);
  loaded ??= { dir, library: load(dir) };
  return loaded.library;
}

async function load(dir: string): Promise<TensorFlowLibrary> {
  // The default stack of an asynchronous call, 128 KiB, is too small for XLA, which compiles on the calling thread.
  koffi.config({ ...koffi.config(), sync_stack_size: 16 * 2 ** 20, async_stack_size: 16 * 2 ** 20 });
  koffi.struct('TF_Output', { oper: 'void*', index: 'int' });

  const system = systemLibraryOn(process.platform);
  const libc = koffi.load(system.path);
  const dlopen = libc.func('void* dlopen(const char*, int)') as ((path: string, flags: number) => bigint | null) & {
    async(path: string, flags: number, done: (error: Error | null, library: bigint | null) => void): void;
  };
  const dlerror = libc.func('const char* dlerror()') as () => string;
  const memcpy = libc.func('void* memcpy(void*, const void*, size_t)');

  // TensorFlow's static initializers read it. A value set by the user is kept.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '3';
  // Without `noDelete` the libraries are unloaded at exit while their threads still run, which is a segmentation fault.
  const flags = system.flags.now | system.flags.global | system.flags.noDelete;
  const libraryNames = libraryNamesOn(process);
  const exitNow = libc.func('void _exit(int)') as (code: number) => void;
  await withoutLoadMessages(libc, exitNow, async () => {
    for (const name of libraryNames) {
      const path = join(dir, name);
      const isLoaded = await new Promise<boolean>((resolve, reject) =>
        dlopen.async(path, flags, (error, library) => (error ? reject(error) : resolve(library !== null))),
      );
      // The reason is kept for the thread that failed, so this one must fail, too.
      if (!isLoaded && !dlopen(path, flags)) throw new Error(`cannot load ${name}: ${dlerror()}`);
    }
  });
  const [framework, cc] = libraryNames.map((name) => koffi.load(join(dir, name), { global: true }));
  return {
    ...bindCApi(framework!, cc!),
    copyIn: memcpy,
    copyOut: memcpy,
    inHugePages: hugePages(libc, process.platform),
    exitNow,
  };
}

/** Messages that TensorFlow's static initializers log before a log level can be set. */
const loadMessages = [
  /^WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR/,
  /oneDNN custom operations are on\. You may see slightly different numerical results/,
];

/**
 * Runs `action` with stderr redirected to a file without a name, then writes every line but the two known ones to the
 * real stderr, also if the process exits meanwhile.
 */
async function withoutLoadMessages(
  libc: LibraryHandle,
  exitNow: (code: number) => void,
  action: () => Promise<void>,
): Promise<void> {
  const dup = libc.func('int dup(int)') as (fd: number) => number;
  const dup2 = libc.func('int dup2(int, int)') as (from: number, to: number) => number;
  void process.stderr.isTTY; // so that the stream finds the terminal, not the file
  const unnamed = openUnnamed(libc, process.platform);
  const stderr = dup(2);
  if (unnamed < 0 || stderr < 0) return action();
  dup2(unnamed, 2);
  const restore = (): void => {
    dup2(stderr, 2);
    closeSync(stderr);
    const lines = contentsOf(unnamed).split('\n');
    closeSync(unnamed);
    for (const line of lines) {
      if (line !== '' && !loadMessages.some((message) => message.test(line))) process.stderr.write(`${line}\n`);
    }
  };
  const exit = (code: number): void => {
    restore();
    exitNow(code); // half-loaded libraries must not be destroyed
  };
  process.on('exit', exit);
  try {
    await action();
  } finally {
    process.off('exit', exit);
    restore();
  }
}

function contentsOf(fd: number): string {
  const buffer = Buffer.alloc(64 * 1024);
  return buffer.toString('utf8', 0, readSync(fd, buffer, 0, buffer.length, 0));
}
