import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** User name and password in `~/.mlflow/credentials`, an INI file with a section `[mlflow]`; null where it has none. */
export function credentialsIn(home: string | undefined): { user: string | null; password: string | null } {
  const values = new Map<string, string>();
  let section = '';
  for (const line of home ? linesOf(join(home, '.mlflow', 'credentials')) : []) {
    const head = /^\[([^\]]*)\]/.exec(line)?.[1];
    const [, key = '', value = ''] = /^([^=:]+?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (head !== undefined) section = head;
    else if (section === 'mlflow' && key !== '' && !/^[#;]/.test(line))
      values.set(key.toLowerCase(), value.replaceAll('%%', '%'));
  }
  return {
    user: values.get('mlflow_tracking_username') || null,
    password: values.get('mlflow_tracking_password') || null,
  };
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/);
  } catch {
    return []; // MLflow's own client ignores a missing file, too
  }
}
