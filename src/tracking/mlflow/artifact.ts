/** Sending one file into a run's artifacts. */
import { openAsBlob } from 'node:fs';
import { basename, dirname } from 'node:path/posix';
import { call, listArtifacts } from './client.ts';
import type { MlflowClient, MlflowRun } from './client.ts';
import { MlflowError } from './error.ts';
import { RefusedValue } from './values.ts';

const fallbackLimitBytes = 10_000_000;
/** uploads may be large and slow */
const uploadTimeoutMs = 600_000;

/**
 * Sends the file as `path` (`samples.json`, `model/report.md`), over an older one of that name, and checks the size
 * that arrived. Throws RefusedValue for a path that would leave the run's folder, and for what the server cannot
 * store.
 */
export async function putArtifact(client: MlflowClient, run: MlflowRun, path: string, filePath: string): Promise<void> {
  const segments = checkedSegments(path);
  const blob = await openAsBlob(filePath);
  const encoded = segments.map(encodeURIComponent).join('/');
  const root = proxiedRoot(client, run.artifactUri);
  const send = (): Promise<unknown> =>
    root === null
      ? uploadThroughPage(client, run, path, blob)
      : call(client, {
          method: 'PUT',
          path: `${root}/${encoded}`,
          body: blob,
          repeatable: true,
          timeoutMs: uploadTimeoutMs,
        });
  let stored: number | null = null;
  for (let attempt = 0; attempt < 2; attempt++) {
    await orNeverStored(client, run, send);
    stored = await storedSize(client, run, path);
    if (stored === blob.size) return;
  }
  throw new RefusedValue(`the server stored ${stored ?? 'none'} of the ${blob.size} bytes of ${path}`);
}

// ---------------------------------------------------------------------------------------------------------------------

/**
 * fetch resolves `..` before it sends, and the file would land outside the run, with status 200. The server decodes
 * `%20` as often as it can.
 */
function checkedSegments(path: string): string[] {
  const segments = path.split('/');
  if (
    segments.some(
      (segment) => segment === '' || segment === '.' || segment === '..' || /[\\#\0]|%[0-9a-f]{2}/i.test(segment),
    )
  ) {
    throw new RefusedValue(`the artifact path «${path}» is not a plain relative path`);
  }
  return segments;
}

/** Where the server takes files for this run; null if they go to a store that it does not stand in front of. */
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

/** The way the UI uploads: the server writes to whatever store the run has. Small files only. */
async function uploadThroughPage(client: MlflowClient, run: MlflowRun, path: string, blob: Blob): Promise<void> {
  if (blob.size > fallbackLimitBytes)
    throw new RefusedValue(
      `the artifact ${path} is larger than 10 MB, and the server does not stand in front of ${run.artifactUri}`,
    );
  await call(client, {
    method: 'POST',
    path: '/ajax-api/2.0/mlflow/upload-artifact',
    query: { run_uuid: run.runId, path },
    body: blob,
    repeatable: true,
    timeoutMs: uploadTimeoutMs,
  });
}

/**
 * One file must not hold up all that comes after it: what fails again and again while the server answers other calls is
 * given up.
 */
async function orNeverStored(client: MlflowClient, run: MlflowRun, send: () => Promise<unknown>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (!(error instanceof MlflowError) || error.status === 401) throw error;
    // a server that refuses early (a folder of that name, a full disk) may break the connection before it is done with the answer
    if (error.status === 0) await listArtifacts(client, run.runId, '');
    else if (error.passing && error.status !== 500) throw error;
    throw new RefusedValue(error.message);
  }
}

async function storedSize(client: MlflowClient, run: MlflowRun, path: string): Promise<number | null> {
  const folder = dirname(path) === '.' ? '' : dirname(path);
  return (
    (await listArtifacts(client, run.runId, folder)).find((file) => basename(file.path) === basename(path))?.size ??
    null
  );
}
