import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipOptions, type PinnedWheel } from './pinned-build.ts';
import { runPython } from './python.ts';

/**
 * Asks pip for the URL of a pinned wheel (in the index, mirror or folder that this machine's pip uses), without
 * downloading it. Null if pip is too old for that.
 */
export async function wheelUrl(wheel: PinnedWheel, workDir: string): Promise<string | null> {
  const reportPath = join(workDir, 'pip-report.json');
  const options = [
    '--dry-run',
    '--quiet',
    '--report',
    reportPath,
    '--target',
    join(workDir, 'pip-target'),
    ...pipOptions(wheel),
  ];
  try {
    await runPip(['install', ...options, wheel.requirement], wheel);
  } catch (error) {
    if (/no such option: --(report|dry-run)/.test(String(error))) return null;
    throw error;
  }
  const report = JSON.parse(
    await readFile(reportPath, 'utf8').finally(() => rm(reportPath, { force: true })),
  ) as PipReport;
  const { url, archive_info } = report.install[0]!.download_info;
  const sha256 = archive_info?.hashes?.['sha256'];
  if (sha256 !== undefined && sha256 !== wheel.sha256) {
    throw new Error(`pip would install another build of ${wheel.requirement}: sha256 ${sha256}, not ${wheel.sha256}`);
  }
  return url;
}

interface PipReport {
  install: { download_info: { url: string; archive_info?: { hashes?: Record<string, string> } } }[];
}

/** Lets pip download the wheel to `path`, which uses pip's proxies and credentials but cannot resume. */
export async function pipDownload(wheel: PinnedWheel, workDir: string, path: string): Promise<void> {
  await runPip(['download', '--quiet', '--dest', workDir, ...pipOptions(wheel), wheel.requirement], wheel);
  await rename(join(workDir, wheel.fileName), path);
}

async function runPip(args: string[], { requirement }: PinnedWheel): Promise<void> {
  const result = await runPython(['-m', 'pip', ...args]);
  if (result.kind === 'missing')
    throw new Error(`python3 is missing; its pip is needed to download TensorFlow's library. ${installPython}`);
  if (result.code === 0) return;
  if (/No module named pip\b/.test(result.stderr))
    throw new Error(`python3 has no pip, which is needed to download TensorFlow's library. ${installPython}`);
  const lines = result.stderr.split('\n');
  const reason = lines.findLast((line) => line.startsWith('ERROR:')) ?? lines.at(-1);
  throw new Error(
    `pip cannot download ${requirement} (${reason || `exit code ${result.code}`}): check the network and pip's index`,
  );
}

const installPython =
  'Install it (Debian, Ubuntu: apt install python3-pip; Fedora: dnf install python3-pip; macOS: brew install python), then try again';
