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
  losses.forEach((loss, index) => found.push(afterValidation(rule, found.at(-1)!, (index + 1) * 10, loss)));
  return found.slice(1);
}

test("the rates match PyTorch's ReduceLROnPlateau", () => {
  const { plateau } = JSON.parse(readFileSync(join(projectRoot(), 'tests/lm/golden/optimizers.json'), 'utf8')) as {
    plateau: { losses: number[]; cases: { schedule: Plateau; rates: number[] }[] };
  };
  for (const { schedule: rule, rates } of plateau.cases) {
    const found = states(rule, plateau.losses).map(({ reductions }, index) =>
      rateAt(rule, (index + 1) * 10, 1000, reductions),
    );
    found.forEach((rate, index) =>
      assert.ok(
        Math.abs(rate - rates[index]!) < 1e-12,
        `${JSON.stringify(rule)}, validation ${index}: ${rate}, not ${rates[index]}`,
      ),
    );
  }
});

test('a fall by less than minDelta does not count, and the old best loss stays', () => {
  assert.deepEqual(states(schedule, [3, 2.95, 2.91]), [
    { best: 3, waited: 0, cooling: 0, reductions: [] },
    { best: 3, waited: 1, cooling: 0, reductions: [] },
    { best: 3, waited: 0, cooling: 0, reductions: [30] },
  ]);
});

test('an improvement and the cooldown both reset the count of validations', () => {
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

test('at the floor, the rate is not reduced any more, however long the loss stalls', () => {
  // 1, 0.5, 0.25, 0.2
  assert.deepEqual(states(schedule, new Array<number>(30).fill(3)).at(-1)!.reductions, [30, 50, 70]);
});

test('during the warm-up, the best loss is updated, but validations do not count', () => {
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
