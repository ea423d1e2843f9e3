import type { SamplingSettings } from '../../lm/generation/sampling.ts';
import { HttpError } from '../local-server.ts';

/** An error that names the parameter at fault, as OpenAI's clients expect it. */
export class ParamError extends HttpError {
  override name = 'ParamError';
  readonly param: string | null;
  readonly code: string | null;
  constructor(
    message: string,
    param: string | null,
    { status = 400, code = null }: { status?: number; code?: string | null } = {},
  ) {
    super(status, message);
    this.param = param;
    this.code = code;
  }
}

/** What both kinds of completions have in common. Params that are not listed here are ignored. */
export interface CommonParams {
  model: string | null;
  drawing: SamplingSettings;
  /** null: another one each time */
  seed: number | null;
  /** null: until the model stops */
  maxTokens: number | null;
  stop: string[];
  stream: boolean;
  includeUsage: boolean;
}

export type Body = Record<string, unknown>;

export function bodyOf(value: unknown): Body {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Body;
  throw new ParamError('send a JSON object', null);
}

export function commonParams(body: Body): CommonParams {
  refuseUnsupported(body);
  const { model, stream, stream_options: options } = body;
  if (model !== undefined && model !== null && typeof model !== 'string')
    throw new ParamError('must be a string', 'model');
  return {
    model: model ?? null,
    drawing: {
      temperature: numberIn(body, 'temperature', { least: 0, most: 100 }) ?? 1,
      topP: numberIn(body, 'top_p', { least: 0, most: 1 }) || 1,
      topK: numberIn(body, 'top_k', { least: -1, most: 1e6, whole: true }) ?? 0,
    },
    seed: numberIn(body, 'seed', { least: -(2 ** 53), most: 2 ** 53, whole: true }),
    maxTokens:
      numberIn(body, 'max_completion_tokens', { least: 1, most: 65_536, whole: true }) ??
      numberIn(body, 'max_tokens', { least: 1, most: 65_536, whole: true }),
    stop: stopsIn(body),
    stream: stream === true,
    includeUsage: (options as { include_usage?: unknown } | null | undefined)?.include_usage === true,
  };
}

// ---------------------------------------------------------------------------

function refuseUnsupported(body: Body): void {
  const many = ['n', 'best_of'].find((param) => typeof body[param] === 'number' && body[param] > 1);
  if (many) throw new ParamError('one choice per request is supported', many);
  const asked = ['tools', 'functions', 'logprobs', 'top_logprobs', 'suffix', 'audio'].find((param) => {
    const value = body[param];
    return value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0);
  });
  if (asked) throw new ParamError('is not supported by this server', asked);
  const format = (body['response_format'] as { type?: unknown } | null | undefined)?.type;
  if (format !== undefined && format !== 'text') throw new ParamError('only text is supported', 'response_format');
}

function numberIn(
  body: Body,
  param: string,
  { least, most, whole = false }: { least: number; most: number; whole?: boolean },
): number | null {
  const value = body[param];
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  throw new ParamError(`must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}`, param);
}

function stopsIn({ stop }: Body): string[] {
  const given = stop === undefined || stop === null ? [] : Array.isArray(stop) ? (stop as unknown[]) : [stop];
  if (!given.every((text) => typeof text === 'string'))
    throw new ParamError('must be a string or a list of strings', 'stop');
  return given.filter((text) => text !== '');
}
