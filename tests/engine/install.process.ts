import { installTensorFlow } from '../../src/engine/tensorflow/install/install.ts';

// Installs into XDG_CACHE_HOME and reports progress to the parent process.
const dir = await installTensorFlow((done, total, phase) => process.send!({ done, total, phase }));
process.send!({ done: 1, total: 1, phase: 'done', dir }, () => process.exit(0));
