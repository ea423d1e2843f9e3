/** The version of glibc in this process, such as `2.36`; null if it uses another C library. */
export async function glibcVersion(): Promise<string | null> {
  const { default: koffi } = await import('koffi');
  try {
    return koffi.load('libc.so.6').func('const char* gnu_get_libc_version()')() as string;
  } catch {
    return null;
  }
}
