import type { Optimizer } from './optimizer.ts';

/**
 * Numbers that an optimizer keeps per weight of a matrix of 1,024 by 1,024. `optimizerState` has the exact shapes; this
 * one loads no tensor library, because planning needs it too.
 */
export function memoryPerWeight(optimizer: Optimizer): number {
  switch (optimizer.kind) {
    case 'adamw':
    case 'adam':
      return 2;
    case 'sgd':
      return optimizer.momentum > 0 ? 1 : 0;
    case 'adafactor':
      return 2 / 1024; // a number for each row and each column
  }
}
