/** `gantry validate -f FILE`: the checks of the API server and the operator, before anything is applied. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text as readStream } from 'node:stream/consumers';
import { loadAll } from 'js-yaml';
import { KIND, validate } from '../../api/index.js';
import { formatProblem, messageOf, problem, type Problem, ProblemError } from '../../base/index.js';
import { type CommandIo, type OutputFormat, writeJson } from '../io.js';
import type { CommandRunner } from '../command.js';

interface Checked {
  readonly file: string;
  /** Counts from 1, as people count documents. */
  readonly document: number;
  readonly name: string;
  readonly problems: readonly Problem[];
}

async function readDocuments(io: CommandIo, file: string): Promise<unknown[]> {
  let source: string;
  try {
    source =
      file === '-'
        ? await readStream(process.stdin)
        : await readFile(path.resolve(io.workingDirectory, file), 'utf8');
  } catch (error) {
    throw new ProblemError(
      problem('FileUnreadable', file, messageOf(error), 'name a YAML file, or - for standard input'),
    );
  }
  try {
    return loadAll(source);
  } catch (error) {
    throw new ProblemError(
      problem('InvalidYaml', file, messageOf(error).split('\n')[0] ?? '', 'correct the YAML'),
    );
  }
}

function isModelDeployment(document: unknown): document is { kind: string; metadata?: { name?: string } } {
  return typeof document === 'object' && document !== null && (document as { kind?: unknown }).kind === KIND;
}

async function checkFile(io: CommandIo, file: string): Promise<Checked[]> {
  const documents = await readDocuments(io, file);
  const checked = documents.flatMap((document, index) =>
    isModelDeployment(document)
      ? [{ file, document: index + 1, name: document.metadata?.name ?? '', problems: validate(document) }]
      : [],
  );
  if (checked.length > 0) return checked;
  throw new ProblemError(
    problem('NoModelDeployment', file, `holds no document of kind ${KIND}`, 'name the file that holds one'),
  );
}

export const run: CommandRunner = async (io, options) => {
  const files = options.filename as readonly string[];
  const checked = (await Promise.all(files.map((file) => checkFile(io, file)))).flat();
  const invalid = checked.filter((each) => each.problems.length > 0);
  if ((options.output as OutputFormat) === 'json') {
    writeJson(io, checked);
  } else {
    for (const each of checked) {
      for (const found of each.problems)
        io.stderr.write(`${each.file}: ${each.name}: ${formatProblem(found)}\n`);
      if (each.problems.length === 0) io.stdout.write(`${each.file}: ${each.name}: valid\n`);
    }
  }
  return invalid.length > 0 ? 1 : 0;
};
