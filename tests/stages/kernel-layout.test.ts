import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { projectRoot } from '../../src/files/project-root.ts';
import { openPlainWords } from '../../src/tokenizer/plain-words.ts';
import plainWordsBytes from '../../src/tokenizer/kernel/plain-words.wasm';
import lineBytes from '../../stages/tokenize/kernel/index.wasm';
import { layoutOf } from '../../stages/tokenize/line-memory.ts';
import { tempDir } from '../artifacts/on-disk.ts';

/** Compiles a copy of a kernel with `was` replaced by `is` in one file. */
function changedKernel(t: TestContext, folder: string, entry: string, file: string, was: string, is: string): unknown {
  const dir = tempDir(t);
  cpSync(join(projectRoot(), folder), dir, { recursive: true });
  const source = readFileSync(join(dir, file), 'utf8');
  assert.ok(source.includes(was), `${file} should contain ${was}`);
  writeFileSync(join(dir, file), source.replace(was, is));
  const compiler = join(projectRoot(), 'node_modules/assemblyscript/bin/asc.js');
  const options = [entry, '--baseDir', dir, '--outFile', 'it.wasm', '--runtime', 'stub', '--enable', 'simd'];
  const { status, stderr } = spawnSync(process.execPath, [
    compiler,
    ...options,
    '--noAssert',
    '--initialMemory',
    '160',
  ]);
  assert.equal(status, 0, String(stderr));
  return instance(new Uint8Array(readFileSync(join(dir, 'it.wasm'))));
}

const instance = (bytes: Uint8Array<ArrayBuffer>): unknown =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;

test('the line layout is read from the constants that the kernel exports', (t) => {
  const change = (file: string, was: string, is: string) =>
    layoutOf(changedKernel(t, 'stages/tokenize/kernel', 'index.ts', file, was, is));
  const layout = layoutOf(instance(lineBytes));
  assert.deepEqual(change('memory.ts', 'MESSAGE_BYTES: usize = 20', 'MESSAGE_BYTES: usize = 24'), {
    ...layout,
    message: { ...layout.message, words: 6 },
  });
  assert.deepEqual(change('render-messages.ts', 'MILLISECONDS: u32 = 3', 'MILLISECONDS: u32 = 7'), {
    ...layout,
    partKind: { ...layout.partKind, ms: 7 },
  });
});

test('the plain-words window is read from the constants that the kernel exports', (t) => {
  const merges = Int32Array.from([]);
  const byteIds = Int32Array.from({ length: 256 }, (_, byte) => byte);
  const encode = (kernel: unknown): unknown => {
    const plain = openPlainWords(byteIds, merges, kernel);
    plain.text.set(Buffer.from('ab c'));
    assert.equal(plain.encode(0, 4, true, 0), 4);
    return [plain.windowBytes, plain.text.byteOffset, plain.ids.subarray(0, plain.idsEnd())];
  };
  const ids = new Uint16Array(Buffer.from('ab c'));
  assert.deepEqual(encode(instance(plainWordsBytes)), [1 << 16, 1024, ids]);
  const change = (was: string, is: string) =>
    changedKernel(t, 'src/tokenizer/kernel', 'plain-words.ts', 'plain-words.ts', was, is);
  assert.deepEqual(encode(change('TEXT: usize = 1024', 'TEXT: usize = 2048')), [1 << 16, 2048, ids]);
  assert.deepEqual(encode(change('WINDOW_BYTES: usize = 1 << 16', 'WINDOW_BYTES: usize = 1 << 15')), [
    1 << 15,
    1024,
    ids,
  ]);
  assert.deepEqual(encode(change('IDS_END: usize = 16', 'IDS_END: usize = 24')), [1 << 16, 1024, ids]);
});
