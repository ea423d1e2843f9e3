// An esbuild plug-in: `import bytes from './NAME.wasm'` compiles NAME.ts beside it, which is AssemblyScript, and caches
// the result in dist/wasm.
import asc from 'assemblyscript/asc';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export const assemblyScript = {
  name: 'AssemblyScript',
  setup(build) {
    build.onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => ({ path: join(resolveDir, path) }));
    build.onLoad({ filter: /\.wasm$/ }, async ({ path }) => ({
      contents: await compiled(path.replace(/wasm$/, 'ts')),
      loader: 'binary',
    }));
  },
};

// No runtime and no checks: the kernels manage their memory themselves, which starts at 10 MB.
const OPTIONS = '--optimizeLevel 3 --noAssert --runtime stub --enable simd --initialMemory 160'.split(' ');

const compiling = new Map();
const compiled = (path) => compiling.get(path) ?? compiling.set(path, readOrCompile(path)).get(path);

async function readOrCompile(path) {
  const cached = join('dist', 'wasm', `${digestOf(path)}.wasm`);
  try {
    return readFileSync(cached);
  } catch {
    const bytes = await compile(path);
    mkdirSync(dirname(cached), { recursive: true });
    writeFileSync(`${cached}.${process.pid}`, bytes);
    renameSync(`${cached}.${process.pid}`, cached);
    return bytes;
  }
}

/** A hash of everything that affects the bytes: the sources in the kernel's folder, options and compiler version. */
function digestOf(path) {
  const hash = createHash('sha256').update([asc.version, ...OPTIONS, relative('.', path)].join('\n'));
  for (const name of readdirSync(dirname(path)).sort())
    hash.update(name).update(readFileSync(join(dirname(path), name)));
  return hash.digest('hex');
}

async function compile(path) {
  let [bytes, messages] = [null, ''];
  const { error } = await asc.main([relative('.', path), '--outFile', 'out.wasm', ...OPTIONS], {
    stderr: { write: (text) => (messages += text) },
    writeFile: (name, contents) => void (name === 'out.wasm' && (bytes = contents)),
  });
  if (error) throw new Error(`${path}: ${messages}`);
  return bytes;
}
