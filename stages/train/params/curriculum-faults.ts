import type { CurriculumParams } from './curriculum.ts';

type Fault = { path: string; message: string };

/** What is wrong with the curriculum, as far as the params alone can tell. */
export function curriculumFaults(
  params: CurriculumParams & { steps: number; validateEvery: number },
  ports: string[],
): Fault[] {
  const { mix, mixTemperature, mixPhases, review, detour, stop, steps, validateEvery } = params;
  const faults = [
    ...mixFaults(mix, 'mix', ports),
    ...mixPhases.flatMap((phase, place) => mixFaults(phase.mix, `mixPhases.${place}.mix`, ports)),
  ];
  const fault = (path: string, message: string): void => void faults.push({ path, message });
  const known = (path: string, from: string): void => {
    if (!ports.includes(from)) fault(path, noInput(from, ports));
  };

  if (mix.length > 0 && mixTemperature !== 1)
    fault('mixTemperature', 'the weights of `mix` are given: a temperature would change nothing');
  mixPhases.forEach(({ untilStep }, place) => {
    const before = mixPhases[place - 1]?.untilStep ?? 0;
    if (untilStep <= before)
      fault(
        `mixPhases.${place}.untilStep`,
        `this phase ends at step ${untilStep}, the one before it only then or later (${before})`,
      );
    if (untilStep >= steps)
      fault(`mixPhases.${place}.untilStep`, `training ends at step ${steps}, so \`mix\` would never hold`);
  });
  if (review) known('review.from', review.from);
  if (review && mix.some(({ from }) => from === review.from))
    fault('review.from', `"${review.from}" is in the mix already`);
  if (detour) {
    known('detour.to', detour.to);
    if (validateEvery === 0)
      fault('detour', 'a detour begins when the validation loss stands still, but validateEvery is 0');
  }
  if (stop?.patience !== undefined && validateEvery === 0)
    fault('stop.patience', 'patience counts validations, but validateEvery is 0');
  const aside = new Set([review?.from, detour?.to].filter((name) => name !== undefined));
  const main = mix.length > 0 ? mix.map(({ from }) => from) : ports;
  if (detour && ports.includes(detour.to) && main.every((name) => aside.has(name))) {
    fault('detour.to', `nothing but "${detour.to}" is trained on: there is nowhere to come back to`);
  } else if (review && ports.includes(review.from) && main.every((name) => aside.has(name))) {
    fault('review.from', `nothing but "${review.from}" is trained on`);
  }
  return faults;
}

function mixFaults(mix: CurriculumParams['mix'], path: string, ports: string[]): Fault[] {
  return mix.flatMap(({ from }, place): Fault[] => [
    ...(ports.includes(from) ? [] : [{ path: `${path}.${place}.from`, message: noInput(from, ports) }]),
    ...(mix.findIndex((other) => other.from === from) < place
      ? [{ path: `${path}.${place}.from`, message: `"${from}" is in the mix twice` }]
      : []),
  ]);
}

function noInput(name: string, ports: string[]): string {
  return `no input "${name}"; there is ${ports.join(', ') || 'none'}`;
}
