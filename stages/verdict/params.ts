import { Type } from '@sinclair/typebox';
import type { StageContext, ValuesOf } from '../../src/pipeline/stage-kind.ts';

export const params = {
  answers: Type.Optional(
    Type.String({
      description:
        'folder where `./runner judge` keeps the answers of people, such as judgements/my-chats; without it, only programs judge',
    }),
  ),
  atMost: Type.Number({
    exclusiveMinimum: 0.5,
    exclusiveMaximum: 1,
    default: 0.6,
    description: 'the report states it if the answers show that a judge is right less often than this',
  }),
};

export type Context = StageContext<ValuesOf<typeof params>, object>;
