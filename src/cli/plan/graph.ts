import { shellWord } from '../../files/shell-word.ts';
import { calledAs } from '../../files/called-as.ts';
import { drawGraph, mermaidGraph } from '../../pipeline/draw-graph.ts';
import { givenPipeline } from '../project/given-pipeline.ts';
import { parsePipelineFile } from '../load/load-pipeline.ts';
import { coloursFor } from '../screen/style.ts';
import { clipped, widthOf } from '../screen/text-table.ts';
import { jsonText } from '../screen/printable.ts';

interface GraphArguments {
  /** null: that of the project */
  file: string | null;
  /** `path=value` */
  set: string[];
  json: boolean;
  mermaid: boolean;
}

/** `runner graph FILE`: which stage reads which. Reads only the file, not the sources. */
export function printGraph({ file: given, set, json, mermaid }: GraphArguments): number {
  const file = givenPipeline(given, 'graph FILE');
  const { points, swept } = parsePipelineFile(file, set);
  const { name, stages } = points[0]!;
  if (json) {
    console.log(
      jsonText(
        {
          pipeline: name,
          points: points.length,
          stages: stages.map((stage) => ({ name: stage.name, kind: stage.kind, inputs: stage.inputs })),
        },
        2,
      ),
    );
    return 0;
  }
  if (mermaid) {
    console.log(mermaidGraph(stages));
    return 0;
  }
  const colours = coloursFor(process.stdout);
  const rows = drawGraph(stages);
  const room = Math.max(...rows.map(({ branch, node }) => branch.length + node.name.length));
  console.log(`${colours.bold(name)}${swept ? `  (the same for each of ${points.length} points)` : ''}`);
  for (const { branch, node, also } of rows) {
    const gap = ' '.repeat(room - branch.length - node.name.length);
    console.log(
      clipped(
        `  ${branch}${node.name}${gap}  ${node.kind}${also.length ? `  + ${also.join(', ')}` : ''}`,
        widthOf(process.stdout),
      ),
    );
  }
  console.log(`\nnext: ${calledAs()} plan ${shellWord(file)}`);
  return 0;
}
