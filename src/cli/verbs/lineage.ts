import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { kinds } from '../../../stages/index.ts';
import { changedParams } from '../../pipeline/schema/changed-params.ts';
import type { Digest } from '../../pipeline/plan/key.ts';
import type { Schema } from '../../pipeline/schema/check.ts';
import type { Json } from '../../pipeline/yaml/tree.ts';
import { makersIn } from '../../store/makers.ts';
import type { Maker } from '../../store/makers.ts';
import { artifactsOf, listPastRuns } from '../../history/past-runs.ts';
import type { PastRun } from '../../history/past-runs.ts';
import { openStore, readEntry } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { UsageError, readArguments } from '../verb.ts';
import { seconds } from '../screen/durations.ts';
import { findRun } from '../find/find-run.ts';
import { frozenStages } from '../../history/frozen-pipeline.ts';
import { runsDirectory } from '../runs-directory.ts';
import { nearPath, short } from '../screen/shown-values.ts';
import { coloursFor } from '../screen/style.ts';
import type { Colours } from '../screen/style.ts';
import { clipped, widthOf } from '../screen/text-table.ts';

/** An artifact and all that it was made from. */
export interface Lineage {
  artifact: Digest;
  /** null if the store no longer knows what made it */
  key: string | null;
  kind: string | null;
  version: number | null;
  /** seconds that it took to make */
  seconds: number | null;
  params: { [key: string]: Json };
  environment: Record<string, string> | null;
  /** param → digest of what was read, and where it lay by the newest run that knows */
  sources: Record<string, { digest: Digest; named: string | null }>;
  /** stages of runs that hold it */
  heldBy: { run: string; stage: string }[];
  inputs: Record<string, Lineage>;
}

/** `runner lineage ARTIFACT | FILE | RUN/STAGE`: from a result back to the files that it all began with. */
export async function lineageVerb(argv: string[]): Promise<number> {
  const { positionals, json } = readArguments('lineage', argv, ['json'], [1, 1, 'latest/model']);
  const runsDir = runsDirectory();
  const store = openStore(join(runsDir, 'store'));
  const named = positionals[0] as string;
  const { artifact, file } = artifactNamed(named, runsDir, store);
  const lineage = trace(artifact, { makers: makersIn(store), holders: holdersIn(runsDir), done: new Map() });
  const line = file ? readEntry(store, lineage.key as never)?.files.find(({ path }) => path === file) : undefined;
  if (json) {
    console.log(
      JSON.stringify(
        { ...(file ? { file, bytes: line?.bytes ?? null, sha256: line?.sha256 ?? null } : {}), ...lineage },
        null,
        2,
      ),
    );
    return 0;
  }
  const colours = coloursFor(process.stdout);
  const width = widthOf(process.stdout);
  if (file)
    console.log(
      `${colours.bold(file)}${line ? `  ${line.bytes.toLocaleString('en-US')} bytes, sha256 ${line.sha256}` : ''}`,
    );
  for (const text of drawn(lineage, colours)) console.log(clipped(text, width));
  console.log(`\nnext: ./runner ${lineage.heldBy[0] ? `show ${lineage.heldBy[0].run}` : 'ls'}`);
  return 0;
}

// --- what is meant ---------------------------------------------------------

/** The artifact that a name means, and the file in it if one was named. */
function artifactNamed(named: string, runsDir: string, store: Store): { artifact: Digest; file: string | null } {
  const rooms = join(store.dir, 'artifacts');
  if (/^[0-9a-f]{4,64}$/.test(named) && !existsSync(named)) {
    const alike = existsSync(rooms) ? readdirSync(rooms).filter((digest) => digest.startsWith(named)) : [];
    if (alike.length === 1) return { artifact: alike[0] as Digest, file: null };
    if (alike.length > 1)
      throw new UsageError(`${alike.length} artifacts begin with ${named}; give more of its letters`);
  }
  if (existsSync(named)) {
    const path = realpathSync(resolve(named));
    const real = existsSync(rooms) ? realpathSync(rooms) : rooms;
    const below = path.startsWith(`${real}/`) ? path.slice(real.length + 1).split('/') : null;
    if (below?.[0])
      return { artifact: below[0] as Digest, file: statSync(path).isFile() ? below.slice(1).join('/') : null };
    throw new UsageError(`${named} is no result of a stage: those lie in ${nearPath(runsDir)}/RUN/stages/STAGE`);
  }
  const stage = basename(named);
  const run = dirname(named);
  if (run === '.')
    throw new UsageError(`no artifact or file "${named}"; a stage of a run is named RUN/STAGE: latest/${stage}`);
  const past = findRun(runsDir, run);
  const artifact = artifactsOf(past).get(stage);
  if (!artifact)
    throw new UsageError(
      `run ${past.run} has no result of a stage "${stage}"; it has ${[...artifactsOf(past).keys()].join(', ') || 'none'}`,
    );
  return { artifact, file: null };
}

// --- tracing ---------------------------------------------------------------

interface Tracing {
  makers: Map<Digest, Maker[]>;
  holders: Map<string, { past: PastRun; stage: string }[]>;
  done: Map<Digest, Lineage>;
}

/** Key or artifact → the stages of runs that had it, newest run first. */
function holdersIn(runsDir: string): Tracing['holders'] {
  const holders: Tracing['holders'] = new Map();
  for (const past of listPastRuns(runsDir))
    for (const [stage, artifact] of artifactsOf(past))
      holders.set(artifact, [...(holders.get(artifact) ?? []), { past, stage }]);
  return holders;
}

function trace(artifact: Digest, tracing: Tracing): Lineage {
  const known = tracing.done.get(artifact);
  if (known) return known;
  const maker = tracing.makers.get(artifact)?.at(-1) ?? null;
  const held = tracing.holders.get(artifact) ?? [];
  const preImage = maker?.preImage;
  const params = held[0] ? (frozenStages(held[0].past)[held[0].stage]?.params ?? {}) : {};
  const lineage: Lineage = {
    artifact,
    key: maker?.key ?? null,
    kind: preImage?.kind ?? null,
    version: preImage?.version ?? null,
    seconds: maker?.seconds ?? null,
    params: preImage?.params ?? {},
    environment: preImage?.environment ?? null,
    sources: Object.fromEntries(
      Object.entries(preImage?.sources ?? {}).map(([param, digest]) => [
        param,
        { digest, named: namedAt(params, param) },
      ]),
    ),
    heldBy: held.map(({ past, stage }) => ({ run: past.run, stage })),
    inputs: {},
  };
  tracing.done.set(artifact, lineage);
  for (const [port, digest] of Object.entries(preImage?.inputs ?? {})) lineage.inputs[port] = trace(digest, tracing);
  return lineage;
}

function namedAt(params: { [key: string]: Json }, path: string): string | null {
  const found = path
    .split('.')
    .reduce<unknown>(
      (at, step) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[step] : undefined),
      params,
    );
  return typeof found === 'string' ? found : null;
}

// --- drawing ---------------------------------------------------------------

function drawn(root: Lineage, colours: Colours): string[] {
  const shown = new Set<Digest>();
  const draw = (lineage: Lineage, lead: string, stem: string): string[] => {
    const { artifact, kind, version, seconds: took, heldBy } = lineage;
    const name = heldBy[0]?.stage ?? kind ?? 'artifact';
    const facts =
      kind === null
        ? 'made by nothing that the store still knows'
        : `${kind} v${version}${took === null ? '' : ` · ${seconds(took)}`} · ${heldBy.length} ${heldBy.length === 1 ? 'run' : 'runs'}`;
    const head = `${lead}${colours.bold(name)}  ${short(artifact)}  ${colours.dim(facts)}`;
    if (shown.has(artifact)) return [`${head}${colours.dim(' (as above)')}`];
    shown.add(artifact);
    const parts = Object.entries(lineage.inputs).map(
      ([port, inner]) =>
        (last: boolean) =>
          draw(inner, `${stem}${last ? '└─ ' : '├─ '}${port}: `, `${stem}${last ? '   ' : '│  '}`),
    );
    const sources = Object.entries(lineage.sources).map(([param, { digest, named }]) => (last: boolean) => [
      `${stem}${last ? '└─ ' : '├─ '}${param}: ${named ?? 'a source'}  ${colours.dim(`sha256 ${digest}`)}`,
    ]);
    const below = [...parts, ...sources];
    const bar = `${stem}${below.length ? '│  ' : '   '}`;
    return [
      head,
      ...detailLines(lineage).map((line) => `${bar}${colours.dim(line)}`),
      ...below.flatMap((part, index) => part(index === below.length - 1)),
    ];
  };
  return draw(root, '', '');
}

function detailLines({ kind, params, environment }: Lineage): string[] {
  const schema = kinds[kind ?? '']?.params ?? {};
  const chosen = changedParams(schema as Schema, params).map(
    ({ path, value }) => `${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const machine = Object.entries(environment ?? {}).map(([name, value]) => `${name}=${value}`);
  return [chosen.join(' '), machine.join(' ')].filter(Boolean);
}
