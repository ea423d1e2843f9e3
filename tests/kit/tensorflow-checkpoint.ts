import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { maskedCrc32c } from '../../src/artifacts/given-weights/crc32c.ts';
import type { ModelConfig } from '../../src/lm/model/architecture.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';

/** Converts our name of a tensor to OpenAI's. */
export function openAiName(name: string): string {
  const steps = name.replace(/^h\.(\d+)\./, 'h$1.').split('.');
  const kind = steps.pop();
  if (steps[0]!.startsWith('wt') || steps[0]!.startsWith('wp')) return `model/${steps[0]}`;
  const isNorm = steps.at(-1)!.startsWith('ln_');
  return ['model', ...steps, kind === 'bias' ? 'b' : isNorm ? 'g' : 'w'].join('/');
}

export interface Written {
  name: string;
  shape: number[];
  values(): Float32Array;
}

/** The tensors of a GPT-2 model as OpenAI stores them: matrices in the blocks have a leading dimension of 1. */
export function openAiTensors(
  model: ModelConfig,
  valuesOf: (name: string, shape: number[]) => Float32Array,
): Written[] {
  return Object.entries(weightShapes(model)).map(([name, shape]) => ({
    name: openAiName(name),
    shape: shape.length === 2 && name.startsWith('h.') ? [1, ...shape] : shape,
    values: () => valuesOf(name, shape),
  }));
}

/** Writes a model folder in OpenAI's format, with one tensor in memory at a time. */
export function writeOpenAiFolder(
  dir: string,
  model: ModelConfig,
  valuesOf: (name: string, shape: number[]) => Float32Array,
  blockBytes?: number,
): void {
  mkdirSync(dir, { recursive: true });
  writeTensorFlowCheckpoint(join(dir, 'model.ckpt'), openAiTensors(model, valuesOf), blockBytes);
  writeFileSync(
    join(dir, 'checkpoint'),
    'model_checkpoint_path: "model.ckpt"\nall_model_checkpoint_paths: "model.ckpt"\n',
  );
  const hparams = {
    n_vocab: model.vocabularySize,
    n_ctx: model.context,
    n_embd: model.width,
    n_head: model.heads,
    n_layer: model.layers,
  };
  writeFileSync(join(dir, 'hparams.json'), JSON.stringify(hparams));
}

/** Writes the two files of `tf.train.Saver`: data in the order of the names, and the index as a LevelDB table. */
export function writeTensorFlowCheckpoint(prefixPath: string, tensors: Written[], blockBytes = 262_144): void {
  const fd = openSync(`${prefixPath}.data-00000-of-00001`, 'w');
  let offset = 0;
  const entries: [string, Uint8Array][] = [
    ['', Buffer.concat([field(1, 0, varint(1)), field(3, 2, sized(field(1, 0, varint(1))))])],
  ];
  for (const { name, shape, values } of [...tensors].sort((a, b) =>
    Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  )) {
    const numbers = values();
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    for (let done = 0; done < bytes.length;)
      done += writeSync(fd, bytes, done, Math.min(bytes.length - done, 2 ** 30), offset + done);
    entries.push([name, bundleEntry(shape, offset, bytes)]);
    offset += bytes.length;
  }
  closeSync(fd);
  writeFileSync(`${prefixPath}.index`, sortedTable(entries, blockBytes));
}

export function bundleEntry(shape: number[], offset: number, bytes: Uint8Array): Uint8Array {
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(maskedCrc32c(bytes));
  const dims = Buffer.concat(shape.map((length) => field(2, 2, sized(field(1, 0, varint(length))))));
  const offsetField = offset === 0 ? [] : [field(4, 0, varint(offset))]; // protobuf omits zeros
  return Buffer.concat([
    field(1, 0, varint(1)),
    field(2, 2, sized(dims)),
    ...offsetField,
    field(5, 0, varint(bytes.length)),
    field(6, 5, crc),
  ]);
}

export function sortedTable(entries: [string, Uint8Array][], blockBytes: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let offset = 0;
  const append = (block: Uint8Array): Uint8Array => {
    const trailer = Buffer.alloc(5);
    trailer.writeUInt32LE(maskedCrc32c(Buffer.concat([block, Buffer.of(0)])), 1);
    const handle = Buffer.concat([varint(offset), varint(block.length)]);
    parts.push(block, trailer);
    offset += block.length + 5;
    return handle;
  };
  const handles: [string, Uint8Array][] = [];
  for (let first = 0; first < entries.length;) {
    let last = first;
    for (let bytes = 0; last < entries.length && bytes < blockBytes; last++)
      bytes += entries[last]![0].length + entries[last]![1].length;
    handles.push([entries[last - 1]![0], append(blockOf(entries.slice(first, last)))]);
    first = last;
  }
  const meta = append(blockOf([]));
  const index = append(blockOf(handles));
  const footer = Buffer.alloc(48);
  Buffer.concat([meta, index]).copy(footer);
  footer.writeBigUInt64LE(0xdb4775248b80fb57n, 40);
  return Buffer.concat([...parts, footer]);
}

// ---------------------------------------------------------------------------

/** Each key omits the prefix that it shares with the previous key, except for every sixteenth. */
function blockOf(entries: [string, Uint8Array][]): Uint8Array {
  const parts: Uint8Array[] = [];
  const restarts = entries.length === 0 ? [0] : [];
  let offset = 0;
  let previous = Buffer.alloc(0);
  entries.forEach(([name, value], index) => {
    const key = Buffer.from(name);
    let shared = 0;
    if (index % 16 === 0) restarts.push(offset);
    else while (shared < Math.min(key.length, previous.length) && key[shared] === previous[shared]) shared++;
    const part = Buffer.concat([
      varint(shared),
      varint(key.length - shared),
      varint(value.length),
      key.subarray(shared),
      value,
    ]);
    parts.push(part);
    offset += part.length;
    previous = key;
  });
  const tail = Buffer.alloc(4 * (restarts.length + 1));
  [...restarts, restarts.length].forEach((value, index) => tail.writeUInt32LE(value, 4 * index));
  return Buffer.concat([...parts, tail]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.from([...bytes, value]);
}

const field = (number: number, wireType: number, content: Uint8Array): Buffer =>
  Buffer.concat([varint(8 * number + wireType), content]);
const sized = (content: Uint8Array): Buffer => Buffer.concat([varint(content.length), content]);
