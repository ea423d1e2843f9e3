/** Makes XLA compute the same bits in every run: no sums in order of arrival, no kernels chosen by timing them. */
const XLA_FLAG = '--xla_gpu_deterministic_ops=true';

/** Call this before TensorFlow is loaded, because it reads both variables at startup. */
export function computeDeterministically(environment: NodeJS.ProcessEnv = process.env): void {
  environment['TF_DETERMINISTIC_OPS'] = '1';
  const flags = environment['XLA_FLAGS'] ?? '';
  if (!flags.includes('xla_gpu_deterministic_ops')) environment['XLA_FLAGS'] = `${flags} ${XLA_FLAG}`.trim();
}

/** The user's own `XLA_FLAGS`, without the flag added above. */
export function withoutOwnFlag(flags: string): string {
  return flags.replace(XLA_FLAG, '').trim();
}
