import { createHash, randomInt, randomUUID } from 'node:crypto';
import { nearest } from '../../pipeline/diagnostic/nearest.ts';
import type { Persona, ServedModel } from '../served-model.ts';
import { ParamError } from './request.ts';

export interface ApiModels {
  model: ServedModel;
  personas: Persona[];
  /** when the server started, in seconds since 1970 */
  created: number;
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
