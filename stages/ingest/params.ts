import { Type } from '@sinclair/typebox';
import { FORMATS } from '../../src/sources/format-names.ts';
import type { StageContext, ValuesOf } from '../../src/pipeline/stage-kind.ts';
import { messageParams } from './message-params.ts';
import { shapeParams } from './shape-params.ts';
import { tableParams } from './table-params.ts';

/** The behaviour version of the kind: also part of the names under which parts of its work are kept. */
export const VERSION = 3;

export const params = {
  source: Type.String({
    minLength: 1,
    description: 'file, folder or .zip to read; an export as it was downloaded need not be unpacked',
  }),
  format: Type.Union([Type.Literal('auto'), ...FORMATS.map((format) => Type.Literal(format))], {
    default: 'auto',
    description:
      'auto: found out and said; messenger, instagram, telegram: the export of your account; whatsapp, signal: chats exported as text; ubuntu: the Ubuntu Dialogue Corpus in any packaging, or #ubuntu logs; csv: a message a row, see columns; jsonl: {"turns": [...]} a line, or a message a line, see columns; text: plain lines',
  }),
  splitAfterHours: Type.Number({
    minimum: 0,
    maximum: 87600,
    default: 0,
    description:
      'a silence this long ends a conversation; 0: a thread is one conversation, however many years it lasted',
  }),
  ...messageParams,
  ...tableParams,
  ...shapeParams,
};

export type Params = ValuesOf<typeof params>;
export type Context = StageContext<Params, object>;
