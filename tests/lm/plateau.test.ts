import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { projectRoot } from '../../src/files/project-root.ts';
import { afterValidation, NO_PLATEAU, type PlateauState } from '../../src/lm/training/plateau.ts';
import { rateAt, type Plateau } from '../../src/lm/training/schedule.ts';

const schedule: Plateau = {
  kind: 'plateau',
  peak: 1,
  floor: 0.2,
  warmupSteps: 0,
  factor: 0.5,
  patience: 2,
  cooldown: 0,
  minDelta: 0.1,
};

function states(rule: Plateau, losses: number[]): PlateauState[] {
  const found = [NO_PLATEAU];
  losses.forEach((loss, place) => found.push(afterValidation(rule, found.at(-1)!, (place + 1) * 10, loss)));
  return found.slice(1);
}

test("the rates are those of PyTorch's ReduceLROnPlateau", () => {
  const { plateau } = JSON.parse(readFileSync(join(projectRoot(), 'tests/lm/golden/optimizers.json'), 'utf8')) as {
    plateau: { losses: number[]; cases: { schedule: Plateau; rates: number[] }[] };
  };
  for (const { schedule: rule, rates } of plateau.cases) {
    const found = states(rule, plateau.losses).map(({ reductions }, place) =>
      rateAt(rule, (place + 1) * 10, 1000, reductions),
    );
    found.forEach((rate, place) =>
      assert.ok(
        Math.abs(rate - rates[place]!) < 1e-12,
        `${JSON.stringify(rule)}, validation ${place}: ${rate}, not ${rates[place]}`,
      ),
    );
  }
});

test('a fall by less than minDelta is none, and the loss that counts stays the old best', () => {
  assert.deepEqual(states(schedule, [3, 2.95, 2.91]), [
    { best: 3, waited: 0, cooling: 0, reductions: [] },
    { best: 3, waited: 1, cooling: 0, reductions: [] },
    { best: 3, waited: 0, cooling: 0, reductions: [30] },
  ]);
});

test('what was waited before does not count after an improvement, nor within the cooldown', () => {
  assert.deepEqual(
    states(schedule, [3, 3, 2, 2, 2]).map(({ waited }) => waited),
    [0, 1, 0, 1, 0],
  );
  assert.deepEqual(
    states({ ...schedule, cooldown: 2 }, [3, 3, 3, 3, 3, 3, 3]).map(({ waited, cooling }) => [waited, cooling]),
    [
      [0, 0],
      [1, 0],
      [0, 2],
      [0, 1],
      [0, 0],
      [1, 0],
      [0, 2],
    ],
  );
});

test('at the floor nothing more is reduced, however long it stands still', () => {
  // 1, 0.5, 0.25, 0.2
  assert.deepEqual(states(schedule, new Array<number>(30).fill(3)).at(-1)!.reductions, [30, 50, 70]);
});

test('during the warm-up the best loss is remembered, and nothing is counted', () => {
  assert.deepEqual(
    states({ ...schedule, warmupSteps: 30 }, [3, 3.5, 4, 3, 3]).map(({ best, waited }) => [best, waited]),
    [
      [3, 0],
      [3, 0],
      [3, 0],
      [3, 1],
      [3, 0],
    ],
  );
});
