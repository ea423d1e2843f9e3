import { Type } from '@sinclair/typebox';
import type { ParamFault, StageContext, ValuesOf } from '../../src/pipeline/stage-kind.ts';

const OUTPUTS = ['files', 'conversations', 'tokens', 'checkpoint', 'samples', 'report'] as const;
export type Output = (typeof OUTPUTS)[number];

export const params = {
  argv: Type.Array(Type.String(), {
    minItems: 1,
    description:
      'program and arguments, run in the checkout without a shell. {in:PORT} is the folder of an input, {out} the folder to fill, {scratch} one that an interrupted attempt leaves to the next; a path of `code` or `data` becomes absolute',
  }),
  output: Type.Union(
    OUTPUTS.map((type) => Type.Literal(type)),
    {
      default: 'files',
      description: 'what {out} will hold, so that a following stage can read it; checked when the program has ended',
    },
  ),
  code: Type.Array(Type.String({ minLength: 1 }), {
    default: [],
    description: 'your scripts that run, files or folders: their content is in the key',
  }),
  data: Type.Array(Type.String({ minLength: 1 }), {
    default: [],
    description: 'your files that are read, besides the inputs: their content is in the key',
  }),
  env: Type.Record(
    Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }),
    Type.Union([Type.String(), Type.Number(), Type.Boolean()]),
    {
      default: {},
      description:
        'variables; name and value are in the key, and readable in it: a secret belongs to runtime.passEnv. {in:PORT} … as in argv',
    },
  ),
  stdin: Type.Optional(
    Type.String({
      description: 'the file that the program reads as its standard input: {in:PORT}/FILE, or a path of `data`',
    }),
  ),
  stdout: Type.Optional(
    Type.String({
      pattern: '^\\{out\\}/.',
      description: '{out}/FILE, which gets what the program prints; left out: the log',
    }),
  ),
};

export const runtime = {
  passEnv: Type.Array(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }), {
    default: [],
    description: "variables of the runner's own environment that the program gets too; they do not count",
  }),
};

export type Params = ValuesOf<typeof params>;
export type Context = StageContext<Params, ValuesOf<typeof runtime>>;

/** Rules that the schema cannot say: of what stands in braces, and of where the output goes. */
export function check({ argv, env, stdin, stdout }: Params, ports: string[]): ParamFault[] {
  const texts: [path: string, text: string][] = [
    ...argv.map((text, place): [string, string] => [`argv.${place}`, text]),
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
        message: `there is no input "${port}"${ports.length ? `, only ${ports.join(', ')}` : ''}: inputs: { ${port}: a stage }`,
      });
  for (const port of ports)
    if (!used.some((one) => one.port === port))
      faults.push({ path: 'argv', message: `the input "${port}" is not used: {in:${port}} is its folder` });
  if (!texts.some(([, text]) => text.includes('{out}')))
    faults.push({ path: 'argv', message: 'nothing says where to write: {out} is the folder to fill' });
  if (stdout?.split('/').includes('..')) faults.push({ path: 'stdout', message: 'the file lies in {out}' });
  return faults;
}

/** The ports that a text names: `{in:PORT}`. */
export const portsIn = (text: string): string[] => [...text.matchAll(/\{in:([^{}]+)\}/g)].map((match) => match[1]!);
