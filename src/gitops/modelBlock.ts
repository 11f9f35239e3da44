/**
 * Edits the model block of a ModelDeployment in its YAML text, and nothing else. Libraries that print a document again
 * change comments, spacing and folding, so the bytes of the scalars are replaced in place. Pure.
 */
import { isMap, isScalar, parseAllDocuments, type Pair, type Scalar, stringify, type YAMLMap } from 'yaml';
import { fail, ok, problem, type Result } from '../base/index.js';

export interface ModelReference {
  readonly version: string;
  readonly digest: string;
}

export interface ModelBlock extends ModelReference {
  /** `metadata.name` of the ModelDeployment that holds the block. */
  readonly deployment: string;
  /** The stage its label `gantry.dev/stage` names; production without the label. */
  readonly stage: string;
  readonly previous?: ModelReference;
}

interface Located {
  readonly block: ModelBlock;
  readonly model: YAMLMap;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function text(value: unknown): string {
  return typeof value === 'string'
    ? value
    : value === undefined || value === null
      ? ''
      : JSON.stringify(value);
}

function referenceOf(model: YAMLMap): ModelReference {
  return { version: text(model.get('version')), digest: text(model.get('digest')) };
}

/** Every ModelDeployment in the text that serves `modelName`. */
function locate(source: string, modelName: string): Located[] {
  const found: Located[] = [];
  for (const document of parseAllDocuments(source)) {
    if (!('contents' in document) || document.get('kind') !== 'ModelDeployment') continue;
    const model = document.getIn(['spec', 'model']);
    if (!isMap(model) || model.get('name') !== modelName) continue;
    const previous = model.get('previous');
    const stage = document.getIn(['metadata', 'labels', 'gantry.dev/stage']);
    found.push({
      model,
      block: {
        ...referenceOf(model),
        deployment: text(document.getIn(['metadata', 'name'])),
        stage: typeof stage === 'string' ? stage : 'production',
        ...(isMap(previous) ? { previous: referenceOf(previous) } : {}),
      },
    });
  }
  return found;
}

/** The model blocks of ModelDeployments in the text that serve `modelName`. */
export function findModelBlocks(source: string, modelName: string): ModelBlock[] {
  return locate(source, modelName).map(({ block }) => block);
}

/** The value as a YAML scalar in the style of the one it replaces, quoted where it would not read as a string. */
function scalarText(value: string, style: Scalar['type']): string {
  if (style === 'QUOTE_SINGLE') return `'${value.replaceAll("'", "''")}'`;
  if (style === 'QUOTE_DOUBLE') return JSON.stringify(value);
  return stringify(value).trimEnd();
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

function replaceScalar(map: YAMLMap, key: string, value: string): Edit | undefined {
  const node = pairOf(map, key)?.value;
  if (!isScalar(node) || !node.range) return undefined;
  return { start: node.range[0], end: node.range[1], text: scalarText(value, node.type) };
}

/** A key that the block lacks is added after the pair that `after` names, in the block's own style. */
function insertAfter(
  source: string,
  map: YAMLMap,
  after: string,
  key: string,
  value: string,
): Edit | undefined {
  const pair = pairOf(map, after);
  const node = pair?.value;
  const keyNode = pair?.key;
  if (!isScalar(node) || !node.range || !isScalar(keyNode) || !keyNode.range) return undefined;
  const end = node.range[1];
  if (map.flow === true) return { start: end, end, text: `, ${key}: ${value}` };
  const newline = source.indexOf('\n', end);
  const lineEnd = newline < 0 ? source.length : newline;
  const lineStart = source.lastIndexOf('\n', keyNode.range[0] - 1) + 1;
  const indent = ' '.repeat(keyNode.range[0] - lineStart);
  const carriage = source[lineEnd - 1] === '\r' ? '\r' : '';
  return { start: lineEnd, end: lineEnd, text: `\n${indent}${key}: ${value}${carriage}` };
}

function flowReference(reference: ModelReference): string {
  return `{ version: ${JSON.stringify(reference.version)}, digest: ${JSON.stringify(reference.digest)} }`;
}

function editsOf(
  source: string,
  model: YAMLMap,
  next: ModelReference,
  previous: ModelReference,
): (Edit | undefined)[] {
  const edits = [replaceScalar(model, 'version', next.version), replaceScalar(model, 'digest', next.digest)];
  const held = model.get('previous');
  if (!isMap(held))
    return [...edits, insertAfter(source, model, 'digest', 'previous', flowReference(previous))];
  return [
    ...edits,
    replaceScalar(held, 'version', previous.version),
    replaceScalar(held, 'digest', previous.digest),
  ];
}

function applyEdits(source: string, edits: readonly Edit[]): string {
  let result = source;
  for (const edit of [...edits].sort((a, b) => b.start - a.start)) {
    result = result.slice(0, edit.start) + edit.text + result.slice(edit.end);
  }
  return result;
}

/** The documents with the model blocks of `deployment` taken out: what an edit must leave as it was. */
function withoutBlock(source: string, deployment: string): string {
  const rest = parseAllDocuments(source).map((document) => {
    const value: unknown = 'toJS' in document ? document.toJS() : null;
    const object = value as {
      kind?: string;
      metadata?: { name?: string };
      spec?: { model?: unknown };
    } | null;
    if (object?.kind === 'ModelDeployment' && object.metadata?.name === deployment && object.spec) {
      return { ...object, spec: { ...object.spec, model: null } };
    }
    return value;
  });
  return JSON.stringify(rest);
}

const REMEDY = 'write spec.model with name, version and digest as plain or quoted scalars';

/**
 * The text with the model block of `deployment` naming `next`, and what it named before as `previous`. Fails rather
 * than touch anything outside the block.
 */
export function spliceModelBlock(
  source: string,
  target: { readonly model: string; readonly deployment: string },
  next: ModelReference,
): Result<string> {
  const located = locate(source, target.model).find(({ block }) => block.deployment === target.deployment);
  const place = `ModelDeployment ${target.deployment}: spec.model`;
  if (located === undefined)
    return fail(problem('ModelBlockMissing', place, `serves no model ${target.model}`, REMEDY));
  const { version, digest } = located.block;
  const edits = editsOf(source, located.model, next, { version, digest });
  const known = edits.filter((edit) => edit !== undefined);
  if (known.length < edits.length) {
    return fail(
      problem(
        'ModelBlockUnreadable',
        place,
        'version or digest is not a scalar that can be replaced',
        REMEDY,
      ),
    );
  }
  const result = applyEdits(source, known);
  const after = findModelBlocks(result, target.model).find((block) => block.deployment === target.deployment);
  const held =
    after?.version === next.version && after.digest === next.digest && after.previous?.digest === digest;
  if (!held || withoutBlock(source, target.deployment) !== withoutBlock(result, target.deployment)) {
    return fail(
      problem('ModelBlockUnreadable', place, 'the edit would touch more than the model block', REMEDY),
    );
  }
  return ok(result);
}
