/**
 * Checks values before they are sent to MLflow. One bad value (a bare NaN, a string as a number, a fraction as a step)
 * makes MLflow lose the rest of its batch _with HTTP 200_, and a wrong param can never be corrected. Limits: MLflow
 * 2.17 to 3.18, `mlflow/utils/validation.py` and observed on a live server.
 */

import { toJsonNumber } from '../../numbers/json-number.ts';
import type { JsonNumber } from '../../numbers/json-number.ts';

export const limits = {
  batchMetrics: 1000,
  batchParams: 100,
  batchTags: 100,
  key: 250,
  paramValue: 6000,
  tagValue: 8000,
  experimentName: 250,
  experimentTagValue: 5000,
  runName: 250,
};

export interface MetricPoint {
  key: string;
  value: JsonNumber;
  /** integer milliseconds since 1970 */
  timestamp: number;
  step: number;
}

/** A value that must not be sent. */
export class RefusedValue extends Error {
  override name = 'RefusedValue';
}

export function metricPoint(metric: { name: string; step: number; value: number; time: number }): MetricPoint {
  const key = legalKey(metric.name);
  if (typeof metric.value !== 'number') throw new RefusedValue(`metric ${key}: the value is not a number`);
  if (!Number.isSafeInteger(metric.step))
    throw new RefusedValue(`metric ${key}: the step ${metric.step} is not a whole number`);
  if (!Number.isSafeInteger(metric.time) || metric.time < 0)
    throw new RefusedValue(`metric ${key}: the time ${metric.time} is not in whole milliseconds`);
  return { key, value: toJsonNumber(metric.value), timestamp: metric.time, step: metric.step };
}

export function paramValue(value: string): string {
  return truncate(storable(value), limits.paramValue);
}

export function tagValue(value: string): string {
  return truncate(storable(value), limits.tagValue);
}

/** Letters and digits of any script, `_ - . / :` and spaces, as a plain relative path, at most 250 characters. */
export function legalKey(name: string): string {
  const path = storable(name)
    .replace(/[^\p{L}\p{N}_\-. /:]/gu, '_')
    .split('/')
    .map((part) => (part === '.' || part === '..' ? '_' : part))
    .filter((part) => part !== '')
    .join('/');
  const key = [...path].slice(0, limits.key).join('').replace(/\/+$/, '');
  return key === '' ? '_' : key;
}

/** Replaces lone surrogates and NUL characters, which make some of MLflow's databases fail. */
function storable(text: string): string {
  return text.replace(/\p{Surrogate}|\0/gu, '\uFFFD');
}

function truncate(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const note = ` … (cut; ${text.length} characters in all)`;
  return storable(text.slice(0, limit - note.length)) + note;
}
