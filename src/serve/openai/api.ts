import { HttpError, sendJson, type Exchange } from '../local-server.ts';
import type { Persona } from '../served-model.ts';
import { personaOf, type ApiModels } from './api-models.ts';
import { chatCompletion } from './chat-completion.ts';
import { completion } from './completion.ts';
import { ParamError } from './request.ts';

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
