import { Type } from '@sinclair/typebox';
import type { StageContext, ValuesOf } from '../../src/pipeline/stage-kind.ts';
import { messageParams } from './message-params.ts';
import { shapeParams } from './shape-params.ts';
import { sourceParams } from './source-params.ts';
import { tableParams } from './table-params.ts';

/** Version of the kind's behaviour. Also part of the names under which partial results are cached. */
export const VERSION = 5;

export const params = {
  ...sourceParams,
  splitAfterHours: Type.Number({
    minimum: 0,
    maximum: 87600,
    default: 0,
    description:
      'a silence of this many hours ends a conversation; 0: each thread is one conversation, even if it lasts for years',
  }),
  ...messageParams,
  ...tableParams,
  ...shapeParams,
};

export type Params = ValuesOf<typeof params>;
export type Context = StageContext<Params, object>;
