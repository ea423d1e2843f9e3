import { userInfo } from 'node:os';

/** The name of the user who runs this process; '' if the user has none, as in a container started with `--user 1234`. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
