import assert from 'node:assert/strict';
import { PipelineFileError } from '../../src/pipeline/diagnostic/diagnostic.ts';
import type { Diagnostic } from '../../src/pipeline/diagnostic/diagnostic.ts';
import type { Kinds } from '../../src/pipeline/stage-kind.ts';
import { parsePipeline } from '../../src/pipeline/parse.ts';
import type { ParsedPipeline } from '../../src/pipeline/parse.ts';
import { renderDiagnostics } from '../../src/pipeline/diagnostic/render.ts';
import { fakeKinds } from './kinds.ts';

export interface ParseOptions {
  sets?: string[];
  /** name → text of a used file */
  used?: Record<string, string>;
  kinds?: Kinds;
}

export function parseText(
  text: string,
  { sets = [], used = {}, kinds = fakeKinds }: ParseOptions = {},
): ParsedPipeline {
  const readUsed = (path: string) => (used[path] === undefined ? null : { file: path, text: used[path] });
  return parsePipeline({ file: 'p.yaml', text, sets, kinds, readUsed });
}

export function diagnosticsOf(text: string, options: ParseOptions = {}): Diagnostic[] {
  return errorOf(text, options).diagnostics;
}

/** The error messages as printed, without colours. */
export function errorsOf(text: string, options: ParseOptions = {}, columns = 100): string {
  return renderDiagnostics(
    errorOf(text, options),
    { red: String, dim: String, bold: String, cyan: String },
    { columns },
  );
}

function errorOf(text: string, options: ParseOptions): PipelineFileError {
  try {
    parseText(text, options);
  } catch (error) {
    if (error instanceof PipelineFileError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'no error' });
}
