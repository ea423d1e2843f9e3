/**
 * A real MLflow server of our own on 127.0.0.1, for one folder (`runs/mlflow`): its database, its artifacts, its log
 * and `server.json` with where it runs. One server per folder; whoever comes second uses the first one's.
 */
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../pipeline/diagnostic/user-error.ts';
import { openMlflow } from '../mlflow/client.ts';
import type { MlflowCommand } from './mlflow-install.ts';
import { freePort, host, portHolder, portIsFree } from './port.ts';
import { endGroup } from '../../process/process-group.ts';
import { withLock } from '../../process/lock.ts';
import { startProgram } from '../../process/start-program.ts';
import { markOf, mayBeAlive } from '../../process/process-mark.ts';
import { nameServer } from '../mlflow/server-name.ts';
import { forgetState, readState, writeState } from './server-state.ts';
import type { ServerState } from './server-state.ts';

export interface MlflowServer {
  uri: string;
  port: number;
  /** true if it was running already */
  reused: boolean;
  /** false if another living process of ours started it and will stop it */
  ours: boolean;
  alive(): Promise<boolean>;
  /** Ends the whole process group: after the parent alone was killed, its child would go on serving. */
  stop(): Promise<void>;
}

export interface ServerSettings {
  /** made if missing */
  dir: string;
  mlflow: MlflowCommand;
  /** a port that the user asked for: taken → MlflowServerError; else the first free one from 5000 on */
  port?: number | undefined;
  print: (text: string) => void;
  signal?: AbortSignal | undefined;
}

export class MlflowServerError extends UserError {
  override name = 'MlflowServerError';
}

/** Starts it and waits until it answers and is known to be this one, or uses the one that runs. */
export async function startMlflow(settings: ServerSettings): Promise<MlflowServer> {
  mkdirSync(join(settings.dir, 'artifacts'), { recursive: true });
  const started = async (): Promise<MlflowServer> => {
    const running = await runningServer(settings.dir);
    if (running && settings.port !== undefined && settings.port !== running.port) {
      throw new MlflowServerError(
        `the server for ${settings.dir} runs already, at http://${host}:${running.port}; leave --port away to use it, or stop it first`,
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
  for (let attempt = 0; ; attempt++) {
    const port = settings.port ?? (await freePort(firstPort + attempt));
    if (await fetchRefuses(port))
      throw new MlflowServerError(`port ${port} is one that fetch and browsers refuse to use; choose another`);
    if (!(await portIsFree(port))) throw portTaken(port);
    if (attempt === 0) print(`starting MLflow ${settings.mlflow.version} (${dir}) …`);
    const { child } = await launch(settings, port);
    try {
      await untilServing(child, port, settings);
    } catch (error) {
      if (child.pid !== undefined) await endGroup(markOf(child.pid));
      // someone took the port between our look and the server's start
      if (error instanceof MlflowServerError && !(await portIsFree(port)) && attempt < 3) {
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
  const holder = portHolder(port);
  return new MlflowServerError(
    `port ${port} is in use${holder ? ` by ${holder}` : ''}; choose another with --port, or leave it away to get a free one`,
  );
}

/** Node and browsers keep a list of ports that no request may go to (5060, 6000 …). */
async function fetchRefuses(port: number): Promise<boolean> {
  try {
    await (await fetch(uriOf(port), { method: 'HEAD', signal: AbortSignal.timeout(1000) })).text();
    return false;
  } catch (error) {
    return ((error as Error).cause as Error | undefined)?.message === 'bad port';
  }
}

/**
 * In its own process group, so that Ctrl-C in the terminal reaches us and not it. Relative paths: any character may
 * stand in `dir`.
 */
async function launch({ dir, mlflow }: ServerSettings, port: number): Promise<{ child: ChildProcess }> {
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
  const { child } = await startProgram(mlflow.command, args, {
    cwd: dir,
    detached: true,
    stdio: ['ignore', log, log],
    env: serverEnvironment(),
  });
  closeSync(log);
  child.unref();
  return { child }; // not the child itself, which execa makes a promise of the server's end
}

/** The user's MLFLOW_* settings are for clients; some of them would send the server somewhere else. */
function serverEnvironment(): NodeJS.ProcessEnv {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^_?MLFLOW_/.test(name)));
  return { ...env, MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: '1', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' };
}

async function untilServing(child: ChildProcess, port: number, { dir, signal }: ServerSettings): Promise<void> {
  const deadline = Date.now() + startLimitMs;
  // the command ends with status 0 when its port is taken, so any end is a failure
  const ended = (): boolean => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  while (!(await healthy(port))) {
    if (ended())
      throw new MlflowServerError(
        `the MLflow server did not start:\n${logTail(dir)}\nits whole log: ${join(dir, 'server.log')}`,
      );
    if (Date.now() > deadline)
      throw new MlflowServerError(
        `the MLflow server did not answer within ${startLimitMs / 1000} s; its log: ${join(dir, 'server.log')}`,
      );
    await sleep(150, undefined, { signal });
  }
  if (!(await servesFolder(port, dir)))
    throw new MlflowServerError(`another program answers at http://${host}:${port}`);
}

async function healthy(port: number): Promise<boolean> {
  try {
    const response = await fetch(`${uriOf(port)}/health`, { signal: AbortSignal.timeout(2000) });
    return response.ok && (await response.text()) === 'OK';
  } catch {
    return false;
  }
}

/** A file given to the server must appear in our folder: so it is this server and no other that answers. */
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
      if (readState(dir)?.leader.pid === state.leader.pid) forgetState(dir);
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
