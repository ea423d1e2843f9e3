/**
 * An error whose message is all that the user needs: what is wrong and what to do about it. The command line prints it
 * without a stack trace.
 */
export class UserError extends Error {
  override name = 'UserError';
}
