import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preferWideVectors } from '../../src/engine/tensorflow/wide-vectors.ts';

test('XLA uses wide vectors unless the user sets their width', () => {
  const after = (flags?: string): string | undefined => {
    const environment = flags === undefined ? {} : { XLA_FLAGS: flags };
    preferWideVectors(environment);
    preferWideVectors(environment);
    return (environment as NodeJS.ProcessEnv)['XLA_FLAGS'];
  };
  assert.equal(after(), '--xla_cpu_prefer_vector_width=512');
  assert.equal(after('--xla_dump_to=/tmp/x'), '--xla_dump_to=/tmp/x --xla_cpu_prefer_vector_width=512');
  assert.equal(after('--xla_cpu_prefer_vector_width=128'), '--xla_cpu_prefer_vector_width=128');
});
