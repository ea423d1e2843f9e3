import { UserError } from '../../pipeline/diagnostic/user-error.ts';
import { openLocalServer, type LocalServer, type Serving } from '../../serve/local-server.ts';
import { portUser } from '../../tracking/server/port.ts';

/** Serves, or says who uses the port. */
export async function listening(serving: Serving): Promise<LocalServer> {
  try {
    return await openLocalServer(serving);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE')
      throw new UserError(`cannot listen at port ${serving.port}: ${message}`, { cause: error });
    const user = portUser(serving.port);
    throw new UserError(
      `port ${serving.port} is in use${user ? ` by ${user}` : ''}; choose another with --port, or omit it to get a free one`,
      { cause: error },
    );
  }
}
