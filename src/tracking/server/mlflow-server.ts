/**
 * Our own MLflow server on 127.0.0.1, for one folder (`runs/mlflow`) with its database, artifacts, log and
 * `server.json`. One server per folder; a second process uses the running one.
 */
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../pipeline/diagnostic/user-error.ts';
import { openMlflow } from '../mlflow/client.ts';
import type { MlflowCommand } from './mlflow-install.ts';
import { freePort, host, portUser, portIsFree } from './port.ts';
import { endGroup } from '../../process/process-group.ts';
import { withLock } from '../../process/lock.ts';
import { startProgram } from '../../process/start-program.ts';
import { markOf, mayBeAlive } from '../../process/process-mark.ts';
import { nameServer } from '../mlflow/server-name.ts';
import { removeState, readState, writeState } from './server-state.ts';
import type { ServerState } from './server-state.ts';

export interface MlflowServer {
  uri: string;
  port: number;
  /** true if it was running already */
  reused: boolean;
  /** false if another runner process that is still alive started it and will stop it */
  ours: boolean;
  alive(): Promise<boolean>;
  /** Kills the whole process group: killing only the parent would leave its child running. */
  stop(): Promise<void>;
}

export interface ServerSettings {
  /** created if missing */
  dir: string;
  mlflow: MlflowCommand;
  /** the user's choice (MlflowServerError if it is in use); by default the first free port from 5000 on */
  port?: number | undefined;
  print: (text: string) => void;
  signal?: AbortSignal | undefined;
}

export class MlflowServerError extends UserError {
  override name = 'MlflowServerError';
}

/** Another program took the port between our check and the server's start; it may have ended again since. */
class PortLost extends MlflowServerError {}

/** Uses the running server, or starts one and waits until it responds and is known to be ours. */
export async function startMlflow(settings: ServerSettings): Promise<MlflowServer> {
  mkdirSync(join(settings.dir, 'artifacts'), { recursive: true });
  const started = async (): Promise<MlflowServer> => {
    const running = await runningServer(settings.dir);
    if (running && settings.port !== undefined && settings.port !== running.port) {
      throw new MlflowServerError(
        `the server for ${settings.dir} is already running at http://${host}:${running.port}; omit --port to use it, or stop it first`,
      );
    }
    return running ?? (await freshServer(settings));
  };
  return withLock(join(settings.dir, 'server.lock'), started, { signal: settings.signal });
}

// ---------------------------------------------------------------------------------------------------------------------

const firstPort = 5000;
const startLimitMs = 120_000;

async function runningServer(dir: string): Promise<MlflowServer | null> {
  const state = readState(dir);
  if (!state || !(await servesFolder(state.port, dir))) return null;
  const abandoned = !mayBeAlive(state.owner);
  if (abandoned) writeState(dir, { ...state, owner: markOf(process.pid) });
  return serverAt(dir, state, { reused: true, ours: abandoned });
}

async function freshServer(settings: ServerSettings): Promise<MlflowServer> {
  const { dir, print } = settings;
  let announced = false;
  for (let attempt = 0; ; attempt++) {
    const port = settings.port ?? (await freePort(firstPort + attempt));
    if (await fetchRefuses(port))
      throw new MlflowServerError(`browsers refuse to connect to port ${port}; choose another`);
    if (!(await portIsFree(port))) {
      // another program was faster: try the next one
      if (settings.port === undefined && attempt < 9) continue;
      throw portTaken(port);
    }
    if (!announced) print(`starting MLflow ${settings.mlflow.version} (${dir}) …`);
    announced = true;
    const child = launch(settings, port);
    try {
      await waitUntilReady(child, port, settings);
    } catch (error) {
      if (child.pid !== undefined) await endGroup(markOf(child.pid));
      const isLost = error instanceof PortLost || (error instanceof MlflowServerError && !(await portIsFree(port)));
      if (isLost && attempt < 3) {
        if (settings.port === undefined) continue;
        throw portTaken(port);
      }
      throw error;
    }
    const state = { port, leader: markOf(child.pid ?? 0), owner: markOf(process.pid) };
    writeState(dir, state);
    await nameServer(openMlflow(uriOf(port), { env: {} }));
    return serverAt(dir, state, { reused: false, ours: true });
  }
}

function portTaken(port: number): MlflowServerError {
  const user = portUser(port);
  return new MlflowServerError(
    `port ${port} is in use${user ? ` by ${user}` : ''}; choose another with --port, or omit it to get a free one`,
  );
}

/** Node and browsers have a list of ports to which they send no requests (5060, 6000 …). */
async function fetchRefuses(port: number): Promise<boolean> {
  try {
    await (await fetch(uriOf(port), { method: 'HEAD', signal: AbortSignal.timeout(1000) })).text();
    return false;
  } catch (error) {
    return ((error as Error).cause as Error | undefined)?.message === 'bad port';
  }
}

/**
 * Starts the server in its own process group, so that Ctrl-C in the terminal reaches us and not the server. The paths
 * are relative because `dir` may contain any character.
 */
function launch({ dir, mlflow }: ServerSettings, port: number): ChildProcess {
  setAsideHalfMadeDatabase(dir);
  const log = openSync(join(dir, 'server.log'), 'w');
  const args = [
    'server',
    '--backend-store-uri',
    'sqlite:///mlflow.db',
    '--artifacts-destination',
    'artifacts',
    '--host',
    host,
    '--port',
    String(port),
    '--workers',
    '1',
  ];
  const { child } = startProgram('/bin/sh', ['-c', WHILE_WE_LIVE, 'sh', mlflow.command, ...args], {
    cwd: dir,
    detached: true,
    stdio: ['pipe', log, log],
    env: serverEnvironment(),
  });
  closeSync(log);
  child.unref();
  (child.stdin as Socket | null)?.unref();
  return child;
}

/**
 * Runs a program until it ends or we do, even by SIGKILL: then the system closes the pipe to the shell's input, and the
 * shell ends the program's whole group.
 */
const WHILE_WE_LIVE = `
exec 3<&0
"$@" </dev/null 3<&- & program=$!
(cat <&3 >/dev/null; trap '' TERM; kill -TERM 0; sleep 8; kill -KILL 0) & watcher=$!
wait $program; code=$?
kill -KILL $watcher
exit $code`;

/** The user's MLFLOW_* settings are meant for clients; some of them would redirect the server's storage. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^_?MLFLOW_/.test(name)));
  return { ...env, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: '1', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' };
}

/**
 * MLflow creates its tables one by one, and cannot go on from a database whose creation was interrupted. While it
 * creates one, `creating` lies beside it; a database found with that file never served anyone, so the server starts
 * with a new one. The first of them is kept; what later attempts at the same start leave, such as one that lost its
 * port, is deleted.
 */
function setAsideHalfMadeDatabase(dir: string): void {
  const [database, creating] = [join(dir, 'mlflow.db'), join(dir, 'creating')];
  const aside = `${database}.half-made`;
  const isKept = existsSync(aside);
  if (existsSync(creating))
    for (const ending of ['', '-journal', '-wal', '-shm'])
      if (isKept) rmSync(database + ending, { force: true });
      else if (existsSync(database + ending)) renameSync(database + ending, aside + ending);
  if (!existsSync(database)) writeFileSync(creating, '');
}

async function waitUntilReady(child: ChildProcess, port: number, { dir, signal }: ServerSettings): Promise<void> {
  const deadline = Date.now() + startLimitMs;
  const exited = (): boolean => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  while (!(await healthy(port))) {
    if (exited())
      // it exits with status 0 when its port is in use
      throw new (child.exitCode === 0 ? PortLost : MlflowServerError)(
        `the MLflow server did not start:\n${logTail(dir)}\nfull log: ${join(dir, 'server.log')}`,
      );
    if (Date.now() > deadline)
      throw new MlflowServerError(
        `the MLflow server did not respond within ${startLimitMs / 1000} s; log: ${join(dir, 'server.log')}`,
      );
    await sleep(150, undefined, { signal });
  }
  if (!(await servesFolder(port, dir))) throw new PortLost(`another program is listening at http://${host}:${port}`);
  rmSync(join(dir, 'creating'), { force: true });
}

async function healthy(port: number): Promise<boolean> {
  try {
    const response = await fetch(`${uriOf(port)}/health`, { signal: AbortSignal.timeout(2000) });
    return response.ok && (await response.text()) === 'OK';
  } catch {
    return false;
  }
}

/** Uploads a file and checks that it appears in our folder, which proves that this is our server. */
async function servesFolder(port: number, dir: string): Promise<boolean> {
  const name = `is-it-ours-${randomUUID()}`;
  const url = `${uriOf(port)}/api/2.0/mlflow-artifacts/artifacts/${name}`;
  try {
    await fetch(url, { method: 'PUT', body: 'ours?', signal: AbortSignal.timeout(10_000) }).then((response) =>
      response.text(),
    );
    const ours = existsSync(join(dir, 'artifacts', name));
    if (ours) rmSync(join(dir, 'artifacts', name), { force: true });
    else await fetch(url, { method: 'DELETE', signal: AbortSignal.timeout(2000) }).then((response) => response.text());
    return ours;
  } catch {
    return false;
  }
}

function serverAt(dir: string, state: ServerState, { reused, ours }: { reused: boolean; ours: boolean }): MlflowServer {
  return {
    uri: uriOf(state.port),
    port: state.port,
    reused,
    ours,
    alive: () => healthy(state.port),
    async stop() {
      await endGroup(state.leader);
      if (readState(dir)?.leader.pid === state.leader.pid) removeState(dir);
    },
  };
}

function logTail(dir: string): string {
  const lines = readFileSync(join(dir, 'server.log'), 'utf8').trim().split('\n');
  return lines
    .slice(-4)
    .map((line) => `  ${line}`)
    .join('\n');
}

const uriOf = (port: number): string => `http://${host}:${port}`;
