/** The running process's glibc, `2.36`; null where the C library is another. */
export async function glibcVersion(): Promise<string | null> {
  const { default: koffi } = await import('koffi');
  try {
    return koffi.load('libc.so.6').func('const char* gnu_get_libc_version()')() as string;
  } catch {
    return null;
  }
}
