import { calledAs } from '../../files/called-as.ts';
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { kinds } from '../../../stages/index.ts';
import { changedParams } from '../../pipeline/schema/changed-params.ts';
import type { Digest, PreImage } from '../../pipeline/plan/key.ts';
import type { Schema } from '../../pipeline/schema/check.ts';
import { valueAt } from '../../pipeline/yaml/tree.ts';
import type { Json } from '../../pipeline/yaml/tree.ts';
import { producersIn } from '../../store/producers.ts';
import type { Producer } from '../../store/producers.ts';
import { artifactsOf, listPastRuns, readPastRun } from '../../history/past-runs.ts';
import type { PastRun } from '../../history/past-runs.ts';
import { openStore, readEntry } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { UsageError } from '../verb.ts';
import { seconds } from '../screen/durations.ts';
import { findRun } from '../find/find-run.ts';
import { runWord } from '../find/run-word.ts';
import { frozenStages } from '../../history/frozen-pipeline.ts';
import { runsDirectory } from '../runs-directory.ts';
import { nearPath, short } from '../screen/shown-values.ts';
import { coloursFor } from '../screen/style.ts';
import type { Colours } from '../screen/style.ts';
import { clipped, widthOf } from '../screen/text-table.ts';
import { jsonText } from '../screen/printable.ts';

/** An artifact and everything that it was computed from. */
export interface Lineage {
  artifact: Digest;
  /** null if the store no longer knows what made it */
  key: string | null;
  kind: string | null;
  version: number | null;
  /** how long the stage took */
  seconds: number | null;
  params: { [key: string]: Json };
  environment: Record<string, string> | null;
  /** param → digest of what was read, and its path in the newest run that has the artifact */
  sources: Record<string, { digest: Digest; named: string | null }>;
  /** stages of runs whose result it is */
  heldBy: { run: string; stage: string }[];
  inputs: Record<string, Lineage>;
}

/** `runner lineage ARTIFACT | FILE | RUN/STAGE`: traces a result back to the user's files. */
export function printLineage({ result, json }: { result: string; json: boolean }): number {
  const runsDir = runsDirectory();
  const store = openStore(join(runsDir, 'store'));
  const { artifact, file } = artifactNamed(result, runsDir, store);
  const lineage = trace(artifact, { makers: producersIn(store), holders: holdersIn(runsDir), traced: new Map() });
  const line = file ? readEntry(store, lineage.key as never)?.files.find(({ path }) => path === file) : undefined;
  if (json) {
    console.log(
      jsonText({ ...(file ? { file, bytes: line?.bytes ?? null, sha256: line?.sha256 ?? null } : {}), ...lineage }, 2),
    );
    return 0;
  }
  const colours = coloursFor(process.stdout);
  const width = widthOf(process.stdout);
  if (file)
    console.log(
      `${colours.bold(file)}${line ? `  ${line.bytes.toLocaleString('en-US')} bytes, sha256 ${line.sha256}` : ''}`,
    );
  for (const text of treeLines(lineage, colours)) console.log(clipped(text, width));
  const holder = lineage.heldBy[0] ? readPastRun(join(runsDir, lineage.heldBy[0].run)) : null;
  console.log(`\nnext: ${calledAs()} ${holder ? `show ${runWord(holder)}` : 'ls'}`);
  return 0;
}

// --- finding the artifact ---------------------------------------------------

interface Named {
  artifact: Digest;
  /** the file in the artifact, if one was named */
  file: string | null;
}

/** The artifact that is named by the start of its digest, by a path, or as RUN/STAGE. */
function artifactNamed(named: string, runsDir: string, store: Store): Named {
  const artifactsDir = join(store.dir, 'artifacts');
  if (existsSync(named)) return artifactAt(named, artifactsDir, runsDir);
  const artifact = /^[0-9a-f]{4,64}$/.test(named) ? artifactByDigest(named, artifactsDir) : null;
  return { artifact: artifact ?? resultOf(basename(named), dirname(named), named, runsDir), file: null };
}

/** The artifact whose digest starts with these letters; null if there is none. */
function artifactByDigest(start: string, artifactsDir: string): Digest | null {
  const digests = existsSync(artifactsDir) ? readdirSync(artifactsDir) : [];
  const matching = digests.filter((digest) => digest.startsWith(start)) as Digest[];
  if (matching.length > 1) throw new UsageError(`${matching.length} artifacts start with ${start}; give more letters`);
  return matching[0] ?? null;
}

/** The artifact that a path leads to: its folder, a file in it, or a link to either. */
function artifactAt(named: string, artifactsDir: string, runsDir: string): Named {
  const path = realpathSync(resolve(named));
  const realArtifactsDir = existsSync(artifactsDir) ? realpathSync(artifactsDir) : artifactsDir;
  const [artifact, ...inside] = path.startsWith(`${realArtifactsDir}/`)
    ? path.slice(realArtifactsDir.length + 1).split('/')
    : [];
  if (!artifact)
    throw new UsageError(`${named} is not the result of a stage: results are in ${nearPath(runsDir)}/RUN/stages/STAGE`);
  return { artifact: artifact as Digest, file: statSync(path).isFile() ? inside.join('/') : null };
}

function resultOf(stage: string, run: string, named: string, runsDir: string): Digest {
  if (run === '.')
    throw new UsageError(`no artifact or file "${named}"; name a stage of a run as RUN/STAGE, such as latest/model`);
  const past = findRun(runsDir, run);
  const artifacts = artifactsOf(past);
  const artifact = artifacts.get(stage);
  if (artifact) return artifact;
  const stages = [...artifacts.keys()].join(', ') || 'none';
  throw new UsageError(`run ${past.name} has no result of a stage "${stage}"; stages with a result: ${stages}`);
}

// --- tracing ---------------------------------------------------------------

interface Tracing {
  makers: Map<Digest, Producer[]>;
  /** artifact → the stages of runs whose result it is, newest run first */
  holders: Map<Digest, { past: PastRun; stage: string }[]>;
  /** artifacts that are traced already, since several paths may lead to one */
  traced: Map<Digest, Lineage>;
}

function holdersIn(runsDir: string): Tracing['holders'] {
  const holders: Tracing['holders'] = new Map();
  for (const past of listPastRuns(runsDir))
    for (const [stage, artifact] of artifactsOf(past))
      holders.set(artifact, [...(holders.get(artifact) ?? []), { past, stage }]);
  return holders;
}

function trace(artifact: Digest, tracing: Tracing): Lineage {
  const known = tracing.traced.get(artifact);
  if (known) return known;
  const maker = tracing.makers.get(artifact)?.at(-1) ?? null;
  const holders = tracing.holders.get(artifact) ?? [];
  const preImage = maker?.preImage;
  const lineage: Lineage = {
    artifact,
    key: maker?.key ?? null,
    kind: preImage?.kind ?? null,
    version: preImage?.version ?? null,
    seconds: maker?.seconds ?? null,
    params: preImage?.params ?? {},
    environment: preImage?.environment ?? null,
    sources: sourcesOf(preImage, holders[0]),
    heldBy: holders.map(({ past, stage }) => ({ run: past.run, stage })),
    inputs: {},
  };
  tracing.traced.set(artifact, lineage);
  for (const [port, input] of Object.entries(preImage?.inputs ?? {})) lineage.inputs[port] = trace(input, tracing);
  return lineage;
}

/** A key has no paths, so they come from the params of a run that has the artifact. */
function sourcesOf(preImage: PreImage | undefined, holder: { past: PastRun; stage: string } | undefined) {
  const params = holder ? (frozenStages(holder.past)[holder.stage]?.params ?? {}) : {};
  const sources = Object.entries(preImage?.sources ?? {});
  return Object.fromEntries(sources.map(([param, digest]) => [param, { digest, named: textAt(params, param) }]));
}

function textAt(params: { [key: string]: Json }, path: string): string | null {
  const value = valueAt(params, path.split('.'));
  return typeof value === 'string' ? value : null;
}

// --- drawing ---------------------------------------------------------------

/** The lineage as a tree, each artifact with its inputs and sources below it. */
function treeLines(root: Lineage, colours: Colours): string[] {
  return subtreeLines(root, { lead: '', stem: '', shown: new Set(), colours });
}

interface Branch {
  /** the text before the artifact's name, and before the lines below it */
  lead: string;
  stem: string;
  /** artifacts that are drawn already; further occurrences show only their name */
  shown: Set<Digest>;
  colours: Colours;
}

function subtreeLines(lineage: Lineage, { lead, stem, shown, colours }: Branch): string[] {
  const { artifact, kind, heldBy } = lineage;
  const name = heldBy[0]?.stage ?? kind ?? 'artifact';
  const head = `${lead}${colours.bold(name)}  ${short(artifact)}  ${colours.dim(originText(lineage))}`;
  if (shown.has(artifact)) return [`${head}${colours.dim(' (as above)')}`];
  shown.add(artifact);
  const inputs = Object.entries(lineage.inputs);
  const sources = Object.entries(lineage.sources);
  const children = inputs.length + sources.length;
  const corner = (index: number): string => (index === children - 1 ? '└─ ' : '├─ ');
  const bar = (index: number): string => (index < children - 1 ? '│  ' : '   ');
  return [
    head,
    ...detailLines(lineage).map((line) => `${stem}${children > 0 ? '│  ' : '   '}${colours.dim(line)}`),
    ...inputs.flatMap(([port, input], index) =>
      subtreeLines(input, {
        lead: `${stem}${corner(index)}${port}: `,
        stem: `${stem}${bar(index)}`,
        shown,
        colours,
      }),
    ),
    ...sources.map(
      ([param, { digest, named }], index) =>
        `${stem}${corner(inputs.length + index)}${param}: ${named ?? 'a source'}  ${colours.dim(`sha256 ${digest}`)}`,
    ),
  ];
}

function originText({ kind, version, seconds: took, heldBy }: Lineage): string {
  if (kind === null) return 'the store no longer knows what made it';
  const runs = `${heldBy.length} ${heldBy.length === 1 ? 'run' : 'runs'}`;
  return [`${kind} v${version}`, ...(took === null ? [] : [seconds(took)]), runs].join(' · ');
}

function detailLines({ kind, params, environment }: Lineage): string[] {
  const schema = kinds[kind ?? '']?.params ?? {};
  const chosen = changedParams(schema as Schema, params).map(
    ({ path, value }) => `${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const machine = Object.entries(environment ?? {}).map(([name, value]) => `${name}=${value}`);
  return [chosen.join(' '), machine.join(' ')].filter(Boolean);
}
