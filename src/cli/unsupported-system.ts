/** Why nothing but the help works on an operating system, and what to do about it. Null if there is no reason. */
export function whyNotOn(platform: NodeJS.Platform): string | null {
  return platform === 'win32'
    ? 'this does not run in Windows itself: its locks and processes need Linux or macOS. Run `wsl --install` once, open the Linux terminal (Ubuntu) that it adds, and install Node.js and this program there; or use Docker. The README says how'
    : null;
}
