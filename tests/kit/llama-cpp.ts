import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import koffi, { type TypeObject } from 'koffi';
import { projectRoot } from '../../src/files/project-root.ts';

/** llama.cpp as node-llama-cpp ships it for this platform: libraries without any install script. */
const LIBRARIES = join(projectRoot(), 'node_modules', '@node-llama-cpp', 'linux-x64', 'bins', 'linux-x64');

export const withoutLlamaCpp = existsSync(LIBRARIES)
  ? false
  : 'llama.cpp is absent: @node-llama-cpp/linux-x64 has no build for this machine';

export interface LlamaCpp {
  /** The ids of a text as a program would read a prompt; `special`: the separator's text is the separator. */
  tokenize(text: string, options?: { begin?: boolean; special?: boolean }): number[];
  /** Whether a program stops when the model writes this token. */
  ends(id: number): boolean;
  metadata(key: string): string | null;
  /** Logits [T, V] after each of the ids, which start at the beginning of a text. */
  logits(ids: number[]): Float32Array[];
  /** Logits [V] after the ids, which continue those before. */
  next(ids: number[]): Float32Array;
}

/** Loads a GGUF file. Keys and values are cached as float32, so that only the file decides the precision. */
export function openLlamaCpp(context: TestContext, path: string): LlamaCpp {
  const c = api();
  const model = c.loadModel(path, defaults(c.modelDefaults));
  if (!model) throw new Error(`llama.cpp cannot load ${path}`);
  const reader = c.openContext(model, contextParams(c.modelContext(model)));
  if (!reader) throw new Error('llama.cpp cannot make a context');
  context.after(() => {
    c.closeContext(reader);
    c.closeModel(model);
  });
  const vocabulary = c.vocabularyOf(model);
  const size = c.vocabularySize(vocabulary);
  let place = 0;
  const decode = (ids: number[], wanted: number[]): Float32Array[] => {
    const batch = {
      n_tokens: ids.length,
      token: Int32Array.from(ids),
      embd: null,
      pos: Int32Array.from(ids, (_, i) => place + i),
      n_seq_id: null,
      seq_id: null,
      logits: Int8Array.from(ids, (_, i) => Number(wanted.includes(i))),
    };
    const failed = c.decode(reader, batch);
    if (failed !== 0) throw new Error(`llama_decode returned ${failed}`);
    place += ids.length;
    return wanted.map((i) => (koffi.decode(c.logitsAt(reader, i), 'float', size) as Float32Array).slice());
  };
  const restart = (): void => {
    c.clear(c.memoryOf(reader), true);
    place = 0;
  };
  return {
    tokenize(text, { begin = false, special = false } = {}) {
      const bytes = Buffer.from(text, 'utf8');
      const ids = new Int32Array(bytes.length + 1);
      return [...ids.subarray(0, c.tokenize(vocabulary, bytes, bytes.length, ids, ids.length, begin, special))];
    },
    ends: (id) => c.isEnd(vocabulary, id),
    metadata(key) {
      const value = Buffer.alloc(2 ** 16);
      const length = c.metadata(model, key, value, value.length);
      return length < 0 ? null : value.toString('utf8', 0, length);
    },
    logits(ids) {
      restart();
      return decode(ids, [...ids.keys()]);
    },
    next: (ids) => decode(ids, [ids.length - 1])[0]!,
  };
}

/** Renders a Jinja template with llama.cpp's own interpreter. */
export function renderJinja(template: string, values: Record<string, unknown>): string {
  const { AddonJinjaRenderer } = createRequire(import.meta.url)(join(LIBRARIES, 'llama-addon.node')) as {
    AddonJinjaRenderer: new (template: string) => { render(values: Record<string, unknown>): string };
  };
  return new AddonJinjaRenderer(template).render(values);
}

// ---------------------------------------------------------------------------

type Pointer = bigint;

/** Structs of params are passed as this many bytes, more than they have: what follows them is not read. */
const PARAMS_BYTES = 512;

function loadApi() {
  const ggml = koffi.load(join(LIBRARIES, 'libggml.v0.5.0.so'));
  const llama = koffi.load(join(LIBRARIES, 'libllama.v0.5.0.so'));
  const params = koffi.struct('llama_params', { bytes: koffi.array('uint8', PARAMS_BYTES, 'Typed') });
  const batch = koffi.struct('llama_batch', {
    n_tokens: 'int32',
    token: 'int32 *',
    embd: 'float *',
    pos: 'int32 *',
    n_seq_id: 'int32 *',
    seq_id: 'int32 **',
    logits: 'int8 *',
  });
  const of = (result: string | TypeObject, name: string, args: (string | TypeObject)[]) =>
    llama.func(name, result, args) as unknown;
  const silent = koffi.pointer(koffi.proto('void llama_silent(int level, const char *text, void *data)'));
  (of('void', 'llama_log_set', [silent, 'void *']) as (log: unknown, data: null) => void)(
    koffi.register(() => {}, silent),
    null,
  );
  (ggml.func('void ggml_backend_load_all_from_path(const char *dir)') as (dir: string) => void)(LIBRARIES);
  // A function that returns a large struct takes the place for it as a hidden first argument.
  type Defaults = (into: Uint8Array) => void;
  return {
    modelDefaults: of('void', 'llama_model_default_params', ['_Out_ uint8 *']) as Defaults,
    contextDefaults: of('void', 'llama_context_default_params', ['_Out_ uint8 *']) as Defaults,
    loadModel: of('void *', 'llama_model_load_from_file', ['str', params]) as (
      path: string,
      params: { bytes: Uint8Array },
    ) => Pointer | null,
    closeModel: of('void', 'llama_model_free', ['void *']) as (model: Pointer) => void,
    modelContext: of('int32', 'llama_model_n_ctx_train', ['void *']) as (model: Pointer) => number,
    metadata: of('int32', 'llama_model_meta_val_str', ['void *', 'str', '_Out_ uint8 *', 'size_t']) as (
      model: Pointer,
      key: string,
      into: Uint8Array,
      size: number,
    ) => number,
    vocabularyOf: of('void *', 'llama_model_get_vocab', ['void *']) as (model: Pointer) => Pointer,
    vocabularySize: of('int32', 'llama_vocab_n_tokens', ['void *']) as (vocabulary: Pointer) => number,
    isEnd: of('bool', 'llama_vocab_is_eog', ['void *', 'int32']) as (vocabulary: Pointer, id: number) => boolean,
    tokenize: of('int32', 'llama_tokenize', [
      'void *',
      'uint8 *',
      'int32',
      '_Out_ int32 *',
      'int32',
      'bool',
      'bool',
    ]) as (
      vocabulary: Pointer,
      text: Uint8Array,
      length: number,
      into: Int32Array,
      room: number,
      begin: boolean,
      special: boolean,
    ) => number,
    openContext: of('void *', 'llama_init_from_model', ['void *', params]) as (
      model: Pointer,
      params: { bytes: Uint8Array },
    ) => Pointer | null,
    closeContext: of('void', 'llama_free', ['void *']) as (reader: Pointer) => void,
    memoryOf: of('void *', 'llama_get_memory', ['void *']) as (reader: Pointer) => Pointer,
    clear: of('void', 'llama_memory_clear', ['void *', 'bool']) as (memory: Pointer, data: boolean) => void,
    decode: of('int32', 'llama_decode', ['void *', batch]) as (reader: Pointer, batch: object) => number,
    logitsAt: of('float *', 'llama_get_logits_ith', ['void *', 'int32']) as (reader: Pointer, i: number) => Pointer,
  };
}

let loaded: ReturnType<typeof loadApi> | undefined;
const api = (): ReturnType<typeof loadApi> => (loaded ??= loadApi());

function defaults(fill: (into: Uint8Array) => void): { bytes: Uint8Array } {
  const bytes = new Uint8Array(PARAMS_BYTES);
  fill(bytes);
  return { bytes };
}

/** Indices of int32 fields of `llama_context_params` in this version. */
const FIELDS = {
  contextSize: 0,
  batch: 1,
  microbatch: 2,
  threads: 7,
  batchThreads: 8,
  flash: 13,
  keys: 26,
  values: 27,
};

function contextParams(contextSize: number): { bytes: Uint8Array } {
  const params = defaults(api().contextDefaults);
  const fields = new Int32Array(params.bytes.buffer);
  const found = [fields[FIELDS.threads], fields[FIELDS.flash], fields[FIELDS.keys], fields[FIELDS.values]];
  if (found.join() !== '4,-1,1,1') throw new Error('the fields of llama_context_params have moved');
  Object.entries({ contextSize, batch: contextSize, microbatch: contextSize, threads: 1, batchThreads: 1 }).forEach(
    ([name, value]) => (fields[FIELDS[name as keyof typeof FIELDS]] = value),
  );
  fields[FIELDS.flash] = 0;
  fields[FIELDS.keys] = 0; // GGML_TYPE_F32
  fields[FIELDS.values] = 0;
  return params;
}
