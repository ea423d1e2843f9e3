/**
 * Finds an MLflow that can run a server: the one on the PATH if it can, otherwise our own, in a virtual environment
 * that is created once. Ours is the small package `mlflow-skinny` with only the packages that a server needs, plus the
 * web pages of the full package: 390 MB instead of 850. Job execution is switched off.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { withLock } from '../../process/lock.ts';
import { UserError } from '../../pipeline/diagnostic/user-error.ts';
import { mlflowVersion } from '../mlflow/versions.ts';
import { capture, interpreterOf, onPath } from '../../process/program.ts';

export interface MlflowCommand {
  /** absolute path of the `mlflow` program */
  command: string;
  version: string;
  /** true if we installed it */
  own: boolean;
}

/** MLflow is not installed and cannot be; the message says what is missing and how to get it. */
export class MlflowInstallError extends UserError {
  override name = 'MlflowInstallError';
}

/** `${XDG_CACHE_HOME:-~/.cache}/chat-runner/mlflow-3.17.2` */
export function ownMlflowDir(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'chat-runner', `mlflow-${mlflowVersion}`);
}

/** `print` gets lines for the user. Installs our own only if needed; a second process waits for the first. */
export async function findMlflow(
  print: (text: string) => void,
  env: NodeJS.ProcessEnv = process.env,
): Promise<MlflowCommand> {
  return (await mlflowOnPath(env, print)) ?? (await ownMlflow(print, env));
}

/** The pinned version, regardless of the PATH. */
export async function ownMlflow(print: (text: string) => void, env: NodeJS.ProcessEnv): Promise<MlflowCommand> {
  const dir = ownMlflowDir(env);
  const found = { command: join(dir, 'bin', 'mlflow'), version: mlflowVersion, own: true };
  const donePath = join(dir, 'DONE');
  if (existsSync(donePath)) return found;
  mkdirSync(join(dir, '..'), { recursive: true });
  const installed = async (): Promise<MlflowCommand> => {
    if (!existsSync(donePath)) await install(dir, donePath, print, env);
    return found;
  };
  return withLock(`${dir}.lock`, installed, {
    onWait: ({ pid }) => print(`process ${pid} is installing MLflow; waiting for it`),
  });
}

// ---------------------------------------------------------------------------------------------------------------------

/** Modules that a server imports at startup; `mlflow-skinny` alone lacks most of them. */
const serverModules = 'flask, flask_cors, sqlalchemy, alembic, graphene, pandas, fastapi, uvicorn, aiohttp';
/** With the version bounds of mlflow 3.17.2's own metadata. */
const packages = [
  `mlflow-skinny==${mlflowVersion}`,
  `mlflow-tracing==${mlflowVersion}`,
  'Flask<4',
  'Flask-CORS<7',
  'sqlalchemy>=1.4.0,<3',
  'alembic!=1.10.0,<2',
  'graphene<4',
  'aiohttp>=3.7.0,<4',
  'pandas<4',
  'cryptography>=43.0.0,<51',
];
const pages = [`mlflow==${mlflowVersion}`];
const pythonNames = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
const oldestMajor = 3;

async function mlflowOnPath(env: NodeJS.ProcessEnv, print: (text: string) => void): Promise<MlflowCommand | null> {
  const command = onPath('mlflow', env);
  if (!command) return null;
  const python = interpreterOf(command);
  const check = python
    ? await capture(python, ['-c', `import ${serverModules}, mlflow; print(mlflow.__version__)`], env)
    : null;
  const version = check?.ok ? check.text.trim() : '';
  if (Number(version.split('.')[0]) >= oldestMajor) return { command, version, own: false };
  print(
    `${command} cannot run a server (${version ? `version ${version} is older than ${oldestMajor}.0` : "the server's packages are missing"}); using our own MLflow`,
  );
  return null;
}

/** Deletes a folder without DONE, which an interrupted attempt left behind. pip's cache still has the downloads. */
async function install(
  dir: string,
  donePath: string,
  print: (text: string) => void,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const python = await findPython(env);
  print(`installing MLflow ${mlflowVersion} into ${dir} (only once; about 390 MB, a minute or two)`);
  rmSync(dir, { recursive: true, force: true });
  const pip = await makeEnvironment(python, dir, env);
  await pipInstall([...pip, ...packages], "MLflow's dependencies", print, env);
  await pipInstall([...pip, '--no-deps', ...pages], "MLflow's web pages", print, env);
  const check = await capture(
    join(dir, 'bin', 'python'),
    ['-c', `import ${serverModules}, mlflow.server; print('ok')`],
    env,
  );
  if (!check.ok)
    throw new MlflowInstallError(`MLflow was installed into ${dir} but does not load:\n${lastLines(check.text, 3)}`);
  writeFileSync(donePath, `${mlflowVersion}\n`);
  print('MLflow is installed');
}

async function findPython(env: NodeJS.ProcessEnv): Promise<string> {
  let tooOld = '';
  for (const name of pythonNames) {
    const path = onPath(name, env);
    const version = path ? await capture(path, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], env) : null;
    if (!path || !version?.ok) continue;
    const [major = 0, minor = 0] = version.text.trim().split('.').map(Number);
    if (major === 3 && minor >= 10) return path;
    tooOld = `${path} is Python ${version.text.trim()}`;
  }
  throw new MlflowInstallError(
    `MLflow needs Python 3.10 or newer: ${tooOld || 'python3 is not on the PATH'}. On Debian or Ubuntu: sudo apt install python3 python3-pip python3-venv; on macOS: brew install python. Or install MLflow yourself, so that it is on the PATH (pip install mlflow)`,
  );
}

/**
 * Creates the virtual environment and returns the pip command that installs into it. Debian's Python has no ensurepip,
 * but its pip can install into another environment.
 */
async function makeEnvironment(python: string, dir: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const inside = join(dir, 'bin', 'python');
  const withPip = await capture(python, ['-m', 'venv', dir], env);
  if (withPip.ok) return [inside, '-m', 'pip', 'install'];
  rmSync(dir, { recursive: true, force: true });
  const withoutPip = await capture(python, ['-m', 'venv', '--without-pip', dir], env);
  const pip = await capture(python, ['-m', 'pip', '--python', inside, '--version'], env);
  if (withoutPip.ok && pip.ok) return [python, '-m', 'pip', '--python', inside, 'install'];
  rmSync(dir, { recursive: true, force: true });
  throw new MlflowInstallError(
    `${python} cannot create a virtual environment (${lastLines(withPip.text, 1)}). On Debian or Ubuntu: sudo apt install python3-venv python3-pip. Or install MLflow yourself, so that it is on the PATH (pip install mlflow)`,
  );
}

async function pipInstall(
  command: string[],
  what: string,
  print: (text: string) => void,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const [program, ...args] = [...command, '--no-input', '--disable-pip-version-check', '--progress-bar', 'off'];
  let collected = 0;
  let lastPrint = Date.now();
  const result = await capture(program, args, env, (line) => {
    const name = /^\s*Collecting (\S+)/.exec(line)?.[1];
    if (name) collected++;
    if (/^\s*Installing collected packages/.test(line)) print(`  ${what}: installing`);
    else if (name && Date.now() - lastPrint > 3000) {
      lastPrint = Date.now();
      print(`  ${what}: ${collected} packages so far (${name})`);
    }
  });
  if (!result.ok)
    throw new MlflowInstallError(
      `pip could not install ${what} (version ${mlflowVersion}):\n${lastLines(result.text, 4)}\nCheck the network; behind a mirror, set PIP_INDEX_URL. The next attempt reuses the finished downloads.`,
    );
}

function lastLines(text: string, count: number): string {
  return text.trim().split('\n').slice(-count).join('\n');
}
