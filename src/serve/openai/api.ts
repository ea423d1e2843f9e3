import { createHash, randomInt, randomUUID } from 'node:crypto';
import { nearest } from '../../pipeline/diagnostic/nearest.ts';
import { HttpError, sendJson, type Exchange } from '../local-server.ts';
import type { Persona, ServedModel } from '../served-model.ts';
import { chatCompletion } from './chat-completion.ts';
import { completion } from './completion.ts';
import { ParamError } from './request.ts';

export interface ApiModels {
  model: ServedModel;
  personas: Persona[];
  /** when the server started, in seconds since 1970 */
  created: number;
}

/** The part of OpenAI's API that a model of chats can serve, with and without `/v1`. */
export async function answerApi(models: ApiModels, exchange: Exchange): Promise<void> {
  const path = exchange.path.replace(/^\/v1(?=\/)/, '').replace(/\/$/, '');
  try {
    if (exchange.method === 'GET') return sendJson(exchange, 200, modelsAt(path, models));
    switch (path) {
      case '/chat/completions':
        return await chatCompletion(models, exchange);
      case '/completions':
        return await completion(models, exchange);
      default:
        throw new HttpError(
          404,
          `there is no ${exchange.path} here; ask /v1/models, /v1/completions or /v1/chat/completions`,
        );
    }
  } catch (error) {
    if (!(error instanceof ParamError) || exchange.response.headersSent) throw error;
    sendJson(exchange, error.status, errorBody(error.status, error.message, error.param, error.code));
  }
}

/** OpenAI's shape of errors. */
export function errorBody(status: number, message: string, param: string | null = null, code: string | null = null) {
  const type = status === 401 ? 'authentication_error' : status >= 500 ? 'server_error' : 'invalid_request_error';
  return { error: { message: param === null ? message : `${param}: ${message}`, type, param, code } };
}

/** The persona that a client calls `model`; the first one if it does not say. */
export function personaOf({ personas }: ApiModels, id: string | null): Persona {
  const found = id === null ? personas[0] : personas.find((persona) => persona.id === id);
  if (found) return found;
  const near = nearest(
    id ?? '',
    personas.map((persona) => persona.id),
  );
  throw new ParamError(
    `there is no model "${id}"${near === null ? '; GET /v1/models lists them' : `; did you mean "${near}"?`}`,
    'model',
    { status: 404, code: 'model_not_found' },
  );
}

/** A seed for the generator, whatever whole number the client chose. */
export function seedFrom(seed: number | null): number {
  if (seed === null) return randomInt(2 ** 32);
  return seed >= 0 && seed < 2 ** 32 ? seed : createHash('sha256').update(String(seed)).digest().readUInt32LE(0);
}

export const newId = (kind: 'chatcmpl' | 'cmpl'): string => `${kind}-${randomUUID()}`;

// ---------------------------------------------------------------------------

function modelsAt(path: string, { personas, created, model }: ApiModels): unknown {
  const entry = ({ id, person, user }: Persona) => ({
    id,
    object: 'model',
    created,
    owned_by: 'chat-runner',
    person,
    user,
    max_model_len: model.context,
  });
  if (path === '/models') return { object: 'list', data: personas.map(entry) };
  const named = /^\/models\/(.+)$/.exec(path)?.[1];
  if (named === undefined) throw new HttpError(404, 'there is no such page here; open / or ask /v1/models');
  return entry(personaOf({ personas, created, model }, decodeURIComponent(named)));
}
