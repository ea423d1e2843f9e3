import { existsSync, mkdirSync, rmSync, statSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { publishFile } from '../../files/sync.ts';
import { UserError } from '../../pipeline/diagnostic/user-error.ts';
import { suggestion } from '../../pipeline/diagnostic/nearest.ts';
import { CHECKPOINT_FILES } from '../../artifacts/checkpoint/checkpoint-files.ts';
import { PUBLISHED_NAMES } from '../../artifacts/given-weights/published-names.ts';
import type { PublishedName } from '../../artifacts/given-weights/published-names.ts';
import { publishedDir, publishedWeights } from '../../artifacts/given-weights/published-weights.ts';
import type { PublishedWeights } from '../../artifacts/given-weights/published-weights.ts';
import { withLock } from '../../process/lock.ts';
import { checkSha256, resumableFetch } from '../../engine/tensorflow/install/resumable-fetch.ts';
import type { ByteProgress } from '../../engine/tensorflow/install/resumable-fetch.ts';
import { weightsDir } from '../../../stages/train/start/weights-dir.ts';
import { UsageError } from '../verb.ts';
import { progressLines } from '../screen/progress-lines.ts';
import { withCommas } from '../../numbers/counted.ts';

/** `runner setup weights NAME`: the only command that downloads weights. */
export async function setupWeights(name: string | null, say: (text: string) => void): Promise<number> {
  if (!(PUBLISHED_NAMES as readonly (string | null)[]).includes(name)) {
    const known = PUBLISHED_NAMES.join(', ');
    throw new UsageError(
      name === null
        ? `which weights? one of ${known}`
        : `no weights "${name}"; ${suggestion(name, [...PUBLISHED_NAMES], 'sizes')}`,
    );
  }
  const weights = publishedWeights(name as PublishedName);
  const progress = progressLines(process.stderr);
  try {
    const dir = publishedDir(weightsDir(), weights.name);
    const path = await fetchWeights(weights, {
      dir,
      server: process.env['HF_ENDPOINT'] || 'https://huggingface.co',
      say,
      progress: (done, total) => progress.update(done, total, `GPT-2 ${weights.name}`),
    });
    console.log(`GPT-2 ${weights.name}: ${path}`);
  } catch (error) {
    // Plain errors come from the network and the disk; any other class is a bug and keeps its stack trace.
    throw error instanceof Error && error.constructor === Error
      ? new UserError(error.message, { cause: error })
      : error;
  } finally {
    progress.close();
  }
  return 0;
}

export interface WeightsFetch {
  dir: string;
  /** Hugging Face, or a mirror of it: HF_ENDPOINT, as in Hugging Face's own libraries */
  server: string;
  say(text: string): void;
  progress: ByteProgress;
}

/** Downloads the file to `dir`, resuming a partial download. It gets its name only if size and sha256 are right. */
export async function fetchWeights(
  { name, download }: Pick<PublishedWeights, 'name' | 'download'>,
  { dir, server, say, progress }: WeightsFetch,
): Promise<string> {
  if (!download)
    throw new Error(
      `GPT-2 ${name} cannot be downloaded, because its sha256 is not known: put OpenAI's files, or Hugging Face's ${CHECKPOINT_FILES.weights}, into ${dir}`,
    );
  const path = join(dir, CHECKPOINT_FILES.weights);
  mkdirSync(dir, { recursive: true });
  await withLock(
    join(dir, '.flags'),
    async () => {
      if (existsSync(path)) return checkPresent(path, download);
      const partialPath = `${path}.partial`;
      if (existsSync(partialPath) && statSync(partialPath).size > download.bytes) rmSync(partialPath);
      checkSpace(dir, download.bytes - (existsSync(partialPath) ? statSync(partialPath).size : 0));
      try {
        await resumableFetch({
          url: `${server.replace(/\/$/, '')}/${download.path}`,
          path: partialPath,
          sha256: download.sha256,
          bytes: download.bytes,
          progress,
        });
      } catch (error) {
        const kept = existsSync(partialPath) ? statSync(partialPath).size : 0;
        const resume = kept > 0 ? `; ${withCommas(kept)} bytes were saved: run the command again to resume` : '';
        throw new Error(`GPT-2 ${name} could not be downloaded from ${server}: ${reason(error)}${resume}`, {
          cause: error,
        });
      }
      publishFile(partialPath, path);
    },
    { onWait: () => say('waiting for another process that is downloading the same weights') },
  );
  return path;
}

// ---------------------------------------------------------------------------

async function checkPresent(path: string, { bytes, sha256 }: { bytes: number; sha256: string }): Promise<void> {
  const size = statSync(path).size;
  if (size !== bytes)
    throw new Error(
      `${path} has ${withCommas(size)} bytes instead of ${withCommas(bytes)}: delete it to download it again`,
    );
  await checkSha256(path, sha256);
}

function checkSpace(dir: string, needed: number): void {
  const { bavail, bsize } = statfsSync(dir);
  if (bavail * bsize < needed)
    throw new Error(
      `${dir} has ${((bavail * bsize) / 1e9).toFixed(1)} GB free, but the weights need ${(needed / 1e9).toFixed(1)} GB: set RUNNER_WEIGHTS to use another folder`,
    );
}

/** If the message is only "fetch failed", its cause has the reason. */
function reason(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message ? `${message} (${cause.message})` : message;
}
