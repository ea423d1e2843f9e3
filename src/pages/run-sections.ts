import { duration, figure } from './browser/figures.ts';
import { escaped } from './page.ts';
import type { NamedLoss, RunStory, StoryOrigin, StoryReport, StoryStage } from './run-story.ts';

export function headSection(story: RunStory): string {
  const { name, pipeline, point, outcome, trouble, started, seconds, description, tags, notes, reports } = story;
  const measured = reports[0]?.trained;
  const best = story.curves.runs[0]?.best;
  const facts: [string, string][] = [
    ['outcome', outcome],
    ['duration', duration(seconds)],
    ...(measured
      ? ([
          ['held-out loss', figure(measured.loss)],
          ['perplexity', figure(measured.perplexity)],
          ['bits per byte', figure(measured.bitsPerByte)],
        ] as [string, string][])
      : best && story.curves.metric !== null
        ? ([[`best ${story.curves.metricNames[story.curves.metric] ?? story.curves.metric}`, figure(best.value)]] as [
            string,
            string,
          ][])
        : []),
  ];
  return `<h1>${escaped(name)}</h1>
<div class="quiet">${escaped([`pipeline ${pipeline}`, point ?? '', started].filter(Boolean).join(' · '))}</div>
${trouble === null ? '' : `<p class="failed">${escaped(trouble)}</p>`}
${description === null ? '' : `<p class="note">${escaped(description)}</p>`}
${tags.length > 0 ? `<p class="quiet">tags: ${escaped(tags.join(', '))}</p>` : ''}
${notes.map((note) => `<p class="note">${escaped(note)}</p>`).join('')}
<dl class="facts">${facts.map(([label, value]) => `<div><dt>${escaped(label)}</dt><dd>${escaped(value)}</dd></div>`).join('')}</dl>`;
}

export function lossSections({ reports }: RunStory): string {
  return reports.map((report) => lossSection(report, reports.length > 1)).join('\n');
}

export function samplesSection({ samples }: RunStory): string {
  if (samples.length === 0) return '';
  const card = ({ stage, prompt, text }: RunStory['samples'][number]): string =>
    `<article class="card"><header>${escaped(stage)}</header><pre><span class="prompt">${escaped(prompt)}</span>${escaped(text)}</pre></article>`;
  return `<h2>Samples</h2>
<details><summary>show ${samples.length === 1 ? 'the sample' : `all ${samples.length} samples`}, in order, not hand-picked</summary>
<div class="texts">${samples.map(card).join('')}</div></details>`;
}

export function stageSection({ stages }: RunStory): string {
  if (stages.length === 0) return '<h2>Stages</h2><p class="quiet">No stage has finished yet.</p>';
  const row = ({ name, kind, outcome, seconds, error }: StoryStage): string =>
    `<tr><th scope="row">${escaped(name)}</th><td class="text">${escaped(kind)}</td><td class="text">${escaped(outcome)}${error === null ? '' : `<div class="failed">${escaped(error)}</div>`}</td><td class="number">${seconds > 0 ? duration(seconds) : '–'}</td></tr>`;
  return `<h2>Stages</h2>
${table(['stage', 'kind', 'outcome'], ['duration'], stages.map(row))}`;
}

export function resourceSection({ resources }: RunStory): string {
  if (resources.length === 0) return '';
  const rows = resources.map(
    ({ name, value }) => `<tr><th scope="row">${escaped(name)}</th><td class="text">${escaped(value)}</td></tr>`,
  );
  return `<h2>Resources</h2>\n${table(['resource', 'value'], [], rows)}`;
}

export function originSection({ stages, chosen, yaml, run }: RunStory): string {
  const params = chosen.map(
    ({ path, value }) => `<tr><th scope="row">${escaped(path)}</th><td class="text">${escaped(value)}</td></tr>`,
  );
  const origins = stages.flatMap(({ name, kind, origin }) => (origin ? [originBlock(name, kind, origin)] : []));
  return `<h2>What made it</h2>
${params.length > 0 ? `<h3>Params that are not defaults</h3>\n${table(['param', 'value'], [], params)}` : ''}
${origins.length > 0 ? `<h3>Where each result comes from</h3>\n${origins.join('\n')}` : ''}
${yaml === null ? '' : `<details><summary>the resolved pipeline, with every default</summary><pre>${escaped(yaml)}</pre></details>`}
<p class="quiet">folder of the run: ${escaped(run)}</p>`;
}

// ---------------------------------------------------------------------------

function table(texts: string[], numbers: string[], rows: string[]): string {
  const head = [
    ...texts.map((name) => `<th scope="col" class="text">${name}</th>`),
    ...numbers.map((name) => `<th scope="col">${name}</th>`),
  ];
  return `<table><thead><tr>${head.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function lossSection({ stage, trained, baseline, classes, speakers }: StoryReport, isOneOfSeveral: boolean): string {
  const rows = [
    ['loss, nats per token', trained.loss, baseline?.loss],
    ['perplexity', trained.perplexity, baseline?.perplexity],
    ['bits per byte', trained.bitsPerByte, baseline?.bitsPerByte],
  ].map(
    ([name, value, start]) =>
      `<tr><th scope="row">${name}</th><td class="number">${figure(value as number)}</td><td class="number">${figure(start as number | undefined)}</td></tr>`,
  );
  return `<h2>Held-out text${isOneOfSeveral ? `: ${escaped(stage)}` : ''}</h2>
${table(['measure'], ['trained', 'before training'], rows)}
${lossTable('By class of token', 'class', classes)}
${lossTable('By speaker', 'speaker', speakers)}`;
}

/** Losses as bars, which are quicker to compare than numbers. */
function lossTable(title: string, what: string, losses: NamedLoss[]): string {
  if (losses.length === 0) return '';
  const most = Math.max(...losses.map(({ loss }) => (Number.isFinite(loss) ? loss : 0)));
  const row = ({ name, loss, tokens }: NamedLoss): string =>
    `<tr><th scope="row">${escaped(name)}</th><td class="bar-cell"><div class="meter" style="width:${most > 0 && Number.isFinite(loss) ? ((100 * loss) / most).toFixed(1) : 0}%"></div></td><td class="number">${figure(loss)}</td><td class="number">${figure(tokens)}</td></tr>`;
  const first = losses.slice(0, MOST_SPEAKERS);
  const rest = losses.slice(MOST_SPEAKERS);
  const of = (part: NamedLoss[]): string => table([what, 'loss'], ['nats per token', 'tokens'], part.map(row));
  return `<h3>${title}</h3>\n${of(first)}${rest.length > 0 ? `<details><summary>show ${rest.length} more</summary>${of(rest)}</details>` : ''}`;
}

const MOST_SPEAKERS = 20;

function originBlock(
  name: string,
  kind: string,
  { artifact, key, version, inputs, sources, environment }: StoryOrigin,
): string {
  const pairs = (record: Record<string, string>): string =>
    Object.entries(record)
      .map(([label, value]) => `${label}: ${value}`)
      .join(' · ');
  const lines = [
    ...(Object.keys(inputs).length > 0 ? [`inputs: ${escaped(pairs(inputs))}`] : []),
    ...sources.map(
      ({ param, named, digest }) =>
        `${escaped(param)}: ${escaped(named ?? 'a source')}<br><code>sha256 ${escaped(digest)}</code>`,
    ),
    ...(Object.keys(environment).length > 0 ? [`machine: ${escaped(pairs(environment))}`] : []),
    `result <code>${escaped(artifact)}</code>`,
    `key <code>${escaped(key)}</code>`,
  ];
  return `<div class="origin"><p><b>${escaped(name)}</b> <span class="quiet">${escaped(kind)}, version ${version}</span></p>${lines.map((line) => `<p class="quiet">${line}</p>`).join('')}</div>`;
}
