import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CHECKPOINT_FILES } from '../checkpoint/checkpoint-files.ts';
import { dataFiles } from './tensorflow-checkpoint.ts';
import { readJsonObject } from '../../files/read-file.ts';

export const SHARD_INDEX = `${CHECKPOINT_FILES.weights}.index.json`;
export const HPARAMS = 'hparams.json';

/** The format of the weights in a folder, recognized by file names. */
export type WeightsForm = { kind: 'safetensors'; files: string[] } | { kind: 'tensorflow'; prefix: string };

export function weightsForm(dir: string): WeightsForm {
  if (!statSync(dir).isDirectory()) throw new Error(`${dir} is a file: give the folder that contains it`);
  const names = readdirSync(dir).sort();
  if (names.includes(CHECKPOINT_FILES.weights)) return { kind: 'safetensors', files: [CHECKPOINT_FILES.weights] };
  if (names.includes(SHARD_INDEX)) return { kind: 'safetensors', files: shardFiles(join(dir, SHARD_INDEX)) };
  const prefix = tensorFlowPrefix(dir, names);
  if (prefix !== null) return { kind: 'tensorflow', prefix };
  const bin = names.find((name) => PYTORCH.test(name));
  // A .bin file is a pickle, a program that can do anything when it is loaded.
  if (bin)
    throw new Error(
      `${join(dir, bin)} is a Python pickle, which cannot be read safely; save it as safetensors: ${CONVERT}`,
    );
  throw new Error(
    `${dir} has no GPT-2 weights: neither ${CHECKPOINT_FILES.weights} nor a TensorFlow checkpoint (model.ckpt.index and its data)`,
  );
}

/**
 * The files in the folder that belong to the weights, relative to it. Throws an Error that explains what is wrong and
 * what to do.
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
  const { weight_map: map } = readJsonObject(path) as { weight_map?: Record<string, unknown> };
  const files = [...new Set(Object.values(map ?? {}))].map(String).sort();
  if (files.length === 0 || files.some((name) => name !== basename(name)))
    throw new Error(`${path} does not list files in its own folder`);
  return files;
}

/** The newest checkpoint according to the file `checkpoint`, or else the only index in the folder. */
function tensorFlowPrefix(dir: string, names: string[]): string | null {
  if (names.includes('checkpoint')) {
    const path = /^\s*model_checkpoint_path:\s*(["'])(.*)\1\s*$/m.exec(
      readFileSync(join(dir, 'checkpoint'), 'utf8'),
    )?.[2];
    // After the folder was moved, the file still has the old path, which may be one of Windows.
    const named = path?.split(/[\\/]/).at(-1);
    if (named && names.includes(`${named}.index`)) return named;
  }
  const prefixes = names.filter((name) => name.endsWith('.index')).map((name) => name.slice(0, -'.index'.length));
  if (prefixes.length > 1)
    throw new Error(
      `${dir} has ${prefixes.length} checkpoints (${prefixes.join(', ')}) and no file "checkpoint" that names one of them: keep only one`,
    );
  return prefixes[0] ?? null;
}
