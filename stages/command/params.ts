import { Type } from '@sinclair/typebox';
import { DURATION } from '../../src/pipeline/needs.ts';
import { restBelow } from './declared-paths.ts';
import type { ParamFault, StageContext, ValuesOf } from '../../src/pipeline/stage-kind.ts';

const OUTPUTS = ['files', 'conversations', 'tokens', 'checkpoint', 'samples', 'questions', 'report'] as const;
export type Output = (typeof OUTPUTS)[number];

export const params = {
  argv: Type.Array(Type.String(), {
    minItems: 1,
    description:
      'program and arguments, run in the folder of the project without a shell. {in:PORT} is the folder of an input, {out} the folder to write to, {scratch} a folder that keeps its content from an interrupted attempt to the next; paths listed in `code` or `data` become absolute',
  }),
  output: Type.Union(
    OUTPUTS.map((type) => Type.Literal(type)),
    {
      default: 'files',
      description: 'format of the content of {out}, so that later stages can read it; checked after the program exits',
    },
  ),
  code: Type.Array(Type.String({ minLength: 1 }), {
    default: [],
    description: 'scripts that the program runs, files or folders; the stage reruns when their content changes',
  }),
  data: Type.Array(Type.String({ minLength: 1 }), {
    default: [],
    description: 'other files that the program reads; the stage reruns when their content changes',
  }),
  env: Type.Record(
    Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }),
    Type.Union([Type.String(), Type.Number(), Type.Boolean()]),
    {
      default: {},
      description:
        'environment variables. Names and values are part of the key and stored as plain text: put secrets in runtime.passEnv. {in:PORT} and the like work as in argv',
    },
  ),
  stdin: Type.Optional(
    Type.String({
      description: 'file that the program gets as its standard input: {in:PORT}/FILE, or a path listed in `data`',
    }),
  ),
  stdout: Type.Optional(
    Type.String({
      pattern: '^\\{out\\}/.',
      description: '{out}/FILE, where the standard output is written; default: the log',
    }),
  ),
  // In the key, because a program that silently does without a file gives another result. No default, so that keys from
  // before stay the same.
  isolate: Type.Optional(
    Type.Boolean({
      description:
        'true: the program sees only its inputs, `code`, `data`, {out}, {scratch}, an empty /tmp and the folders of the system, which it can only read. Needs a kernel that allows it; if it does not, nothing runs',
    }),
  ),
};

export const runtime = {
  passEnv: Type.Array(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }), {
    default: [],
    description: "variables passed on from the runner's own environment; they are not part of the key",
  }),
  killAfter: Type.Optional(
    Type.String({
      pattern: DURATION,
      description:
        'a time such as 30s or 10m: when the stage is stopped and the program has not ended this long after SIGTERM, it is killed; default: only a second Ctrl-C kills it',
    }),
  ),
};

export type Params = ValuesOf<typeof params>;
export type Context = StageContext<Params, ValuesOf<typeof runtime>>;

/** Rules that the schema cannot express: about placeholders, and where the output goes. */
export function check({ argv, env, stdin, stdout, code, data }: Params, ports: string[]): ParamFault[] {
  const texts: [path: string, text: string][] = [
    ...argv.map((text, index): [string, string] => [`argv.${index}`, text]),
    ...Object.entries(env).map(([name, value]): [string, string] => [`env.${name}`, String(value)]),
    ...(stdin === undefined ? [] : [['stdin', stdin] as [string, string]]),
    ...(stdout === undefined ? [] : [['stdout', stdout] as [string, string]]),
  ];
  const faults: ParamFault[] = [];
  const used = texts.flatMap(([path, text]) => portsIn(text).map((port) => ({ path, port })));
  for (const { path, port } of used)
    if (!ports.includes(port))
      faults.push({
        path,
        message: `no input "${port}"${ports.length ? `, only ${ports.join(', ')}` : ''}; declare it: inputs: { ${port}: STAGE }`,
      });
  for (const port of ports)
    if (!used.some((use) => use.port === port))
      faults.push({ path: 'argv', message: `the input "${port}" is not used; its folder is {in:${port}}` });
  if (!texts.some(([, text]) => text.includes('{out}')))
    faults.push({ path: 'argv', message: '{out} is not used: the program must write to this folder' });
  for (const [path, text] of texts)
    if (path !== 'stdout' && LEAVES_FOLDER.test(text))
      faults.push({
        path,
        message: 'the path leaves the folder of a placeholder with "..", to files that are not declared',
        hint: 'use {in:PORT}, {out} and {scratch} only for what is inside them, and list other files in `code` or `data`',
      });
  if (stdin !== undefined && !isInput(stdin, [...code, ...data]))
    faults.push({
      path: 'stdin',
      message: `"${stdin}" is neither {in:PORT}/FILE nor a path listed in \`data\`: the stage would not rerun when the file changes`,
      hint: `declare it: data: [${stdin}]`,
    });
  if (stdout?.split('/').includes('..')) faults.push({ path: 'stdout', message: 'the file must be inside {out}' });
  return faults;
}

/** `{out}/../x`, in a whole argument, a flag's value or a script */
const LEAVES_FOLDER = /\{(in:[^{}]+|out|scratch)\}[^\s"'`;|&<>]*\/\.\.(?=$|[/\s"'`;|&<>])/;

const isInput = (stdin: string, declared: string[]): boolean =>
  /^\{in:[^{}]+\}\/./.test(stdin) || declared.some((path) => restBelow(stdin, path) !== null);

/** The ports used in a text, as `{in:PORT}`. */
export const portsIn = (text: string): string[] => [...text.matchAll(/\{in:([^{}]+)\}/g)].map((match) => match[1]!);
