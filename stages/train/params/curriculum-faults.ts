import type { CurriculumParams } from './curriculum.ts';

type Fault = { path: string; message: string };

/** Faults of the curriculum that the params alone can show. */
export function curriculumFaults(
  params: CurriculumParams & { steps: number; validateEvery: number },
  ports: string[],
): Fault[] {
  const { mix, mixTemperature, mixPhases, review, detour, stop, steps, validateEvery } = params;
  const faults = [
    ...mixFaults(mix, 'mix', ports),
    ...mixPhases.flatMap((phase, index) => mixFaults(phase.mix, `mixPhases.${index}.mix`, ports)),
  ];
  const fault = (path: string, message: string): void => void faults.push({ path, message });
  const known = (path: string, from: string): void => {
    if (!ports.includes(from)) fault(path, noInput(from, ports));
  };

  if (mix.length > 0 && mixTemperature !== 1) fault('mixTemperature', 'has no effect, because `mix` sets the weights');
  mixPhases.forEach(({ untilStep }, index) => {
    const previous = mixPhases[index - 1]?.untilStep ?? 0;
    if (untilStep <= previous)
      fault(
        `mixPhases.${index}.untilStep`,
        `this phase must end after the previous one, which ends at step ${previous}; it ends at step ${untilStep}`,
      );
    if (untilStep >= steps)
      fault(`mixPhases.${index}.untilStep`, `training ends at step ${steps}, so \`mix\` would never be used`);
  });
  if (review) known('review.from', review.from);
  if (review && mix.some(({ from }) => from === review.from))
    fault('review.from', `"${review.from}" is already in the mix`);
  if (detour) {
    known('detour.to', detour.to);
    if (validateEvery === 0) fault('detour', 'a detour begins when the held-out loss stalls, but validateEvery is 0');
  }
  if (stop?.patience !== undefined && validateEvery === 0)
    fault('stop.patience', 'patience counts validations, but validateEvery is 0');
  const aside = new Set([review?.from, detour?.to].filter((name) => name !== undefined));
  const main = mix.length > 0 ? mix.map(({ from }) => from) : ports;
  if (detour && ports.includes(detour.to) && main.every((name) => aside.has(name))) {
    fault('detour.to', `training uses only "${detour.to}", so there is nothing to return to after a detour`);
  } else if (review && ports.includes(review.from) && main.every((name) => aside.has(name))) {
    fault('review.from', `training uses only "${review.from}", so there is nothing to review it for`);
  }
  return faults;
}

function mixFaults(mix: CurriculumParams['mix'], path: string, ports: string[]): Fault[] {
  return mix.flatMap(({ from }, index): Fault[] => [
    ...(ports.includes(from) ? [] : [{ path: `${path}.${index}.from`, message: noInput(from, ports) }]),
    ...(mix.findIndex((other) => other.from === from) < index
      ? [{ path: `${path}.${index}.from`, message: `"${from}" is in the mix twice` }]
      : []),
  ]);
}

function noInput(name: string, ports: string[]): string {
  return ports.length > 0 ? `no input "${name}"; inputs are ${ports.join(', ')}` : `no input "${name}"; there are none`;
}
