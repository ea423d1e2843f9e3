import { calledAs } from '../../../src/files/called-as.ts';
import type { PublishedName } from '../../../src/artifacts/given-weights/published-names.ts';
import { publishedDir, publishedWeights } from '../../../src/artifacts/given-weights/published-weights.ts';
import { weightFiles } from '../../../src/artifacts/given-weights/weight-files.ts';
import type { WrittenParams } from '../params/params.ts';
import { weightsDir } from './weights-dir.ts';

export function sourcePath(param: string, named: string): string | null {
  return param === 'init.name' ? publishedDir(weightsDir(), named as PublishedName) : null;
}

export function sourceFiles(_param: string, path: string): string[] {
  return weightFiles(path);
}

export function sourceHelp({ init }: WrittenParams): string {
  if (init.kind !== 'published')
    return 'a folder with model.safetensors and config.json, or with model.ckpt.index, its data file and hparams.json';
  const { name, oldName, download } = publishedWeights(init.name);
  const dir = publishedDir(weightsDir(), name);
  const byHand = `put OpenAI's files of ${name} (formerly called ${oldName}), or Hugging Face's model.safetensors, into ${dir}`;
  return download
    ? `${calledAs()} setup weights ${name} downloads it (${(download.bytes / 1e9).toFixed(1)} GB); or ${byHand}`
    : byHand;
}
