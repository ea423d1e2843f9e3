import { Type } from '@sinclair/typebox';

/** The schema of `runner.yaml`. */
export const projectSchema = Type.Object(
  {
    pipeline: Type.Optional(
      Type.String({
        minLength: 1,
        examples: ['chats.yaml'],
        description: 'the pipeline that `run`, `plan` and `graph` take if you name none',
      }),
    ),
    runs: Type.Optional(
      Type.String({
        minLength: 1,
        examples: ['/mnt/large/runs'],
        description:
          'the folder for runs and results, by default `runs`; --runs and the variable RUNNER_RUNS take precedence',
      }),
    ),
    data: Type.Optional(
      Type.String({
        minLength: 1,
        examples: ['~/exports'],
        description: 'the folder that paths beginning with data/ mean, by default `data`',
      }),
    ),
    notify: Type.Optional(
      Type.Union([Type.Literal('desktop'), Type.Array(Type.String(), { minItems: 1 })], {
        examples: ['desktop'],
        description:
          'what tells you that a run has ended: `desktop`, or the words of a command, in which {text} is replaced: [curl, -d, "{text}", https://ntfy.sh/my-topic]',
      }),
    ),
  },
  {
    additionalProperties: false,
    description: 'Marks a folder as a project. All paths start at the folder of this file',
  },
);
