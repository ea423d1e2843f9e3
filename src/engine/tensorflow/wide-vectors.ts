/**
 * Lets XLA use 512-bit vectors on a CPU, where its default is 256. This saves 5 % of the time of a memory-bound
 * program. It changes bits, so a stage either always uses it or never does, and a change raises the stage's version. To
 * be called before TensorFlow is loaded. A user's own setting is kept.
 */
export function preferWideVectors(environment: NodeJS.ProcessEnv = process.env): void {
  const flags = environment['XLA_FLAGS'] ?? '';
  if (!flags.includes('xla_cpu_prefer_vector_width'))
    environment['XLA_FLAGS'] = `${flags} --xla_cpu_prefer_vector_width=512`.trim();
}
