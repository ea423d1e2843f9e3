/** Uploads files to the artifacts of runs and logged models. */
import { openAsBlob } from 'node:fs';
import { basename, dirname } from 'node:path/posix';
import { call, listArtifacts } from './client.ts';
import type { MlflowClient, MlflowRun } from './client.ts';
import { MlflowError } from './error.ts';
import { modelFiles } from './logged-model.ts';
import type { LoggedModel } from './logged-model.ts';
import { RefusedValue } from './values.ts';

const fallbackLimitBytes = 10_000_000;
/** uploads may be large and slow */
const uploadTimeoutMs = 600_000;

/**
 * Uploads the file as `path` (`samples.json`, `model/report.md`), overwriting an older one, and checks the stored size.
 * Throws RefusedValue if the path leads outside the run's folder or the server cannot store the file.
 */
export async function putArtifact(client: MlflowClient, run: MlflowRun, path: string, filePath: string): Promise<void> {
  const list = (folder: string): Promise<StoredFile[]> => listArtifacts(client, run.runId, folder);
  const throughPage = (blob: Blob): Promise<void> => uploadThroughPage(client, run, path, blob);
  await putFile(client, { artifactUri: run.artifactUri, list, throughPage }, path, await openAsBlob(filePath));
}

/**
 * Uploads a file of a logged model, unless one of that size is there. Throws RefusedValue if the server is not a proxy
 * for the place where its models are.
 */
export async function putModelFile(client: MlflowClient, model: LoggedModel, path: string, blob: Blob): Promise<void> {
  const list = (folder: string): Promise<StoredFile[]> => modelFiles(client, model.modelId, folder);
  const throughPage = (): Promise<void> => {
    throw new RefusedValue(`the server is not a proxy for ${model.artifactUri}, where its models are`);
  };
  const { artifactUri } = model;
  if ((await storedSize(list, path)) === blob.size) return;
  await putFile(client, { artifactUri, list, throughPage }, path, blob);
}

// ---------------------------------------------------------------------------------------------------------------------

interface StoredFile {
  path: string;
  size: number;
}

interface Store {
  artifactUri: string;
  list(folder: string): Promise<StoredFile[]>;
  throughPage(blob: Blob): Promise<void>;
}

async function putFile(client: MlflowClient, store: Store, path: string, blob: Blob): Promise<void> {
  const encoded = checkedSegments(path).map(encodeURIComponent).join('/');
  const root = proxiedRoot(client, store.artifactUri);
  const send = async (): Promise<unknown> =>
    root === null
      ? store.throughPage(blob)
      : call(client, {
          method: 'PUT',
          path: `${root}/${encoded}`,
          body: blob,
          repeatable: true,
          timeoutMs: uploadTimeoutMs,
          answers: null, // the stored size shows whether it arrived
        });
  let stored: number | null = null;
  for (let attempt = 0; attempt < 2; attempt++) {
    await orRefused(store, send);
    stored = await storedSize(store.list, path);
    if (stored === blob.size) return;
  }
  throw new RefusedValue(`the server stored ${stored ?? 'none'} of the ${blob.size} bytes of ${path}`);
}

/**
 * `URL` resolves `..` before it sends a request, so the file would be stored outside the run, with status 200. The
 * server decodes `%20` repeatedly.
 */
function checkedSegments(path: string): string[] {
  const segments = path.split('/');
  if (
    segments.some(
      (segment) => segment === '' || segment === '.' || segment === '..' || /[\\#\0]|%[0-9a-f]{2}/i.test(segment),
    )
  ) {
    throw new RefusedValue(`the artifact path "${path}" is not a plain relative path`);
  }
  return segments;
}

/** The URL under which the server accepts files for this run; null if it is not a proxy for the run's store. */
function proxiedRoot(client: MlflowClient, artifactUri: string): string | null {
  const base = client.address.base;
  const route = '/api/2.0/mlflow-artifacts/artifacts';
  const match = /^mlflow-artifacts:(?:\/\/([^/]*))?\/*(.*)$/.exec(artifactUri);
  if (match) {
    const root = (match[2] ?? '').replace(/\/+$/, '').split('/').map(encodeURIComponent).join('/');
    return match[1] ? `${new URL(base).protocol}//${match[1]}${route}/${root}` : `${route}/${root}`;
  }
  return /^https?:/.test(artifactUri) && artifactUri.includes('/mlflow-artifacts/artifacts')
    ? artifactUri.replace(/\/+$/, '')
    : null;
}

/** Uploads as the web pages do: the server writes to the run's store, whichever it is. Only for small files. */
async function uploadThroughPage(client: MlflowClient, run: MlflowRun, path: string, blob: Blob): Promise<void> {
  if (blob.size > fallbackLimitBytes)
    throw new RefusedValue(
      `the artifact ${path} is larger than 10 MB, and the server is not a proxy for ${run.artifactUri}`,
    );
  await call(client, {
    method: 'POST',
    path: '/ajax-api/2.0/mlflow/upload-artifact',
    query: { run_uuid: run.runId, path },
    body: blob,
    repeatable: true,
    timeoutMs: uploadTimeoutMs,
    answers: null,
  });
}

/**
 * Gives up on a file that keeps failing while the server answers other calls, so that it does not block the records
 * after it.
 */
async function orRefused({ list }: Store, send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (!(error instanceof MlflowError) || error.status === 401) throw error;
    // A server that refuses early (a folder of that name, a full disk) may close the connection while it answers, and a
    // refusal that MLflow has not signed may come from a proxy. The server itself must answer before we give up.
    if (error.status === 0 || (error.code === '' && !error.transient)) await list('');
    else if (error.transient && error.status !== 500) throw error;
    throw new RefusedValue(error.message);
  }
}

async function storedSize(list: Store['list'], path: string): Promise<number | null> {
  const folder = dirname(path) === '.' ? '' : dirname(path);
  return (await list(folder)).find((file) => basename(file.path) === basename(path))?.size ?? null;
}
