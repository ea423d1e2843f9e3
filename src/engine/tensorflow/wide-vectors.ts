/**
 * Lets XLA use vectors of 512 bits on a CPU, where it stays at 256 by default: a twentieth of the time of a program
 * that waits for memory. Changes bits; so a stage that chooses it always does, and its version tells. Before TensorFlow
 * is loaded; a user's own setting is kept.
 */
export function preferWideVectors(environment: NodeJS.ProcessEnv = process.env): void {
  const flags = environment['XLA_FLAGS'] ?? '';
  if (!flags.includes('xla_cpu_prefer_vector_width'))
    environment['XLA_FLAGS'] = `${flags} --xla_cpu_prefer_vector_width=512`.trim();
}
