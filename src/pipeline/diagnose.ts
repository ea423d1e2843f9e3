import type { Diagnostic } from './diagnostic.ts';
import type { Finding } from './schema-check.ts';
import { placeOf } from './yaml-tree.ts';
import type { Tree } from './yaml-tree.ts';

/** Gives a finding its place in the file. */
export function diagnose(tree: Tree, finding: Finding): Diagnostic {
  const place = placeOf(tree, finding.path);
  const span = place?.[finding.of] ?? { line: 1, column: 1, length: 1 };
  const diagnostic: Diagnostic = { file: place?.file ?? '', ...span, message: finding.message };
  if (finding.hint) diagnostic.hint = finding.hint;
  return diagnostic;
}
