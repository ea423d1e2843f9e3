import type { Digest } from '../pipeline/plan/key.ts';

/** A stage cannot run: the content of artifacts that it reads does not match their digests. */
export class DamagedInputs extends Error {
  readonly artifacts: Digest[];
  constructor(artifacts: Digest[]) {
    super(
      `the content of ${artifacts.join(' and ')} does not match ${artifacts.length === 1 ? 'its digest' : 'their digests'}`,
    );
    this.artifacts = artifacts;
  }
}
