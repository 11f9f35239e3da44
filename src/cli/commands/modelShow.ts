/** `gantry model show NAME [VERSION]` */
import path from 'node:path';
import { fail, problem, type Result } from '../../base/index.js';
import {
  findVersion,
  listVersions,
  type ModelVersion,
  type TensorDescription,
  verifyVersion,
} from '../../registry/index.js';
import { formatTable, type OutputFormat, reportProblem, writeJson } from '../io.js';
import type { CommandRunner } from '../command.js';

async function choose(
  root: string,
  name: string,
  version: string | undefined,
): Promise<Result<ModelVersion>> {
  if (version !== undefined) return findVersion(root, name, version);
  const first = (await listVersions(root)).find((found) => found.name === name);
  if (first !== undefined) return findVersion(root, name, first.version, first.stage);
  return fail(
    problem(
      'ModelNotFound',
      name,
      `no such model in ${root}`,
      'run "gantry model list" to see what there is',
    ),
  );
}

const describe = (tensors: readonly TensorDescription[]) =>
  tensors.map((t) => `${t.name} ${t.datatype} [${t.shape.join(', ')}]`).join(', ');

export const run: CommandRunner = async (io, options, [name = '', version]) => {
  const output = options.output as OutputFormat;
  const found = await choose(path.resolve(io.workingDirectory, options.models as string), name, version);
  if (!found.ok) return reportProblem(io, found.error, output);
  const verified = await verifyVersion(found.value);
  if (!verified.ok) return reportProblem(io, verified.error, output);
  const { metadata, stage, folder, digest } = verified.value;
  if (output === 'json') {
    writeJson(io, { stage, folder, ...metadata });
    return 0;
  }
  const rows = [
    ['name', metadata.name],
    ['version', metadata.version],
    ['stage', stage],
    ['digest', `${digest} (verified)`],
    ['inputs', describe(metadata.signature.inputs)],
    ['outputs', describe(metadata.signature.outputs)],
    ['golden', `${metadata.golden.examples.length} examples`],
    ...Object.entries(metadata.provenance).map(([key, value]) => [
      key,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  ];
  io.stdout.write(`${formatTable(rows[0]!, rows.slice(1))}\n`);
  return 0;
};
