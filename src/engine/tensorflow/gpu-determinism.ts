/**
 * XLA's flag for the same bits from run to run: no sums in the order of arrival, no kernels chosen by a race against
 * the clock.
 */
const XLA_FLAG = '--xla_gpu_deterministic_ops=true';

/** Before TensorFlow is loaded, which reads both when it begins. */
export function computeDeterministically(environment: NodeJS.ProcessEnv = process.env): void {
  environment['TF_DETERMINISTIC_OPS'] = '1';
  const flags = environment['XLA_FLAGS'] ?? '';
  if (!flags.includes('xla_gpu_deterministic_ops')) environment['XLA_FLAGS'] = `${flags} ${XLA_FLAG}`.trim();
}

/** The user's own `XLA_FLAGS`, without what is added above. */
export function withoutOwnFlag(flags: string): string {
  return flags.replace(XLA_FLAG, '').trim();
}
