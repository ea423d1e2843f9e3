import { realDisk } from '../../src/files/disk.ts';
import { openStore } from '../../src/store/store.ts';
import { make, preImage, watchedDisk } from './publish-kit.ts';

// Publishes the second entry of store.test.ts and kills itself before operation n. Exit code 7 if it reaches the end.
const [, , dir, n] = process.argv;
const disk = watchedDisk(realDisk, (nth, _operation, _args, act) =>
  nth === Number(n) ? process.kill(process.pid, 'SIGKILL') : act(),
);
await make(openStore(dir!, disk), preImage(2));
process.exit(7);
