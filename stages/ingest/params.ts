import { Type } from '@sinclair/typebox';
import { FORMATS } from '../../src/sources/format-names.ts';
import type { StageContext, ValuesOf } from '../../src/pipeline/stage-kind.ts';
import { messageParams } from './message-params.ts';
import { shapeParams } from './shape-params.ts';
import { tableParams } from './table-params.ts';

/** Version of the kind's behaviour. Also part of the names under which partial results are cached. */
export const VERSION = 4;

export const params = {
  source: Type.String({
    minLength: 1,
    description: 'file, folder or .zip to read; there is no need to unpack a downloaded export',
  }),
  format: Type.Union([Type.Literal('auto'), ...FORMATS.map((format) => Type.Literal(format))], {
    default: 'auto',
    description:
      'auto: detected from the content, and reported; messenger, instagram, telegram, slack, google-chat, signal-desktop: the export of your account; discord, chatlab: JSON of an exporter; whatsapp, signal, imessage, line, kakaotalk: chats exported as text; ubuntu: the Ubuntu Dialogue Corpus in any packaging, or #ubuntu logs; csv: one message per row, see columns; jsonl: one {"turns": [...]} per line, or one message per line, see columns; dataset: {"messages": [...]} as for OpenAI, or {"conversations": [...]} as in ShareGPT; dialogue: lines such as Name: text; text: plain lines',
  }),
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
