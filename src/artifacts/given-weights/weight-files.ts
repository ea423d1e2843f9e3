import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CHECKPOINT_FILES } from '../checkpoint/checkpoint-files.ts';
import { dataFiles } from './tensorflow-checkpoint.ts';

export const SHARD_INDEX = `${CHECKPOINT_FILES.weights}.index.json`;
export const HPARAMS = 'hparams.json';

/** In which of the two forms weights lie in a folder, by its names. */
export type WeightsForm = { kind: 'safetensors'; files: string[] } | { kind: 'tensorflow'; prefix: string };

export function weightsForm(dir: string): WeightsForm {
  if (!statSync(dir).isDirectory()) throw new Error(`${dir} is a file: name the folder that it lies in`);
  const names = readdirSync(dir).sort();
  if (names.includes(CHECKPOINT_FILES.weights)) return { kind: 'safetensors', files: [CHECKPOINT_FILES.weights] };
  if (names.includes(SHARD_INDEX)) return { kind: 'safetensors', files: shardFiles(join(dir, SHARD_INDEX)) };
  const prefix = tensorFlowPrefix(dir, names);
  if (prefix !== null) return { kind: 'tensorflow', prefix };
  const bin = names.find((name) => PYTORCH.test(name));
  // A .bin is a pickle: a program that may do anything when it is loaded.
  if (bin)
    throw new Error(
      `${join(dir, bin)} is a Python pickle, which nothing here reads safely; save it as safetensors: ${CONVERT}`,
    );
  throw new Error(
    `${dir} holds no GPT-2 weights: neither ${CHECKPOINT_FILES.weights} nor a TensorFlow checkpoint (model.ckpt.index and its data)`,
  );
}

/**
 * The files of the folder that are read, relative to it: what else lies there does not count. Throws an Error that says
 * what is wrong and what to do.
 */
export function weightFiles(dir: string): string[] {
  const form = weightsForm(dir);
  const files =
    form.kind === 'safetensors'
      ? form.files
      : [`${form.prefix}.index`, ...dataFiles(join(dir, form.prefix)).map((path) => basename(path))];
  const index =
    form.kind === 'safetensors' &&
    existsSync(join(dir, SHARD_INDEX)) &&
    !existsSync(join(dir, CHECKPOINT_FILES.weights))
      ? [SHARD_INDEX]
      : [];
  return [
    ...files,
    ...index,
    ...[CHECKPOINT_FILES.config, HPARAMS].filter((name) => existsSync(join(dir, name))),
  ].sort();
}

// ---------------------------------------------------------------------------------------------------------------------

const PYTORCH = /^pytorch_model.*\.bin$/;
const CONVERT = `python -c "from transformers import GPT2LMHeadModel as M; M.from_pretrained('FOLDER').save_pretrained('NEW_FOLDER')"`;

function shardFiles(path: string): string[] {
  const { weight_map: map } = JSON.parse(readFileSync(path, 'utf8')) as { weight_map?: Record<string, string> };
  const files = [...new Set(Object.values(map ?? {}))].sort();
  if (files.length === 0 || files.some((name) => name !== basename(name)))
    throw new Error(`${path} names no files beside it`);
  return files;
}

/** What the file `checkpoint` names as the newest; without it, the only index there is. */
function tensorFlowPrefix(dir: string, names: string[]): string | null {
  if (names.includes('checkpoint')) {
    const named = /^model_checkpoint_path: "(.*)"$/m.exec(readFileSync(join(dir, 'checkpoint'), 'utf8'))?.[1];
    // A folder that was moved still names its old place.
    if (named && names.includes(`${basename(named)}.index`)) return basename(named);
  }
  const prefixes = names.filter((name) => name.endsWith('.index')).map((name) => name.slice(0, -'.index'.length));
  if (prefixes.length > 1)
    throw new Error(
      `${dir} holds ${prefixes.length} checkpoints (${prefixes.join(', ')}) and no file "checkpoint" that says which: leave one`,
    );
  return prefixes[0] ?? null;
}
