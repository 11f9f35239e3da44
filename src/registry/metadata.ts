/** model.json: what a version's training left behind. The ONNX file is the truth; this describes and pins it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Digest, DIGEST_PATTERN, fail, messageOf, ok, problem, type Result } from '../base/index.js';
import { METADATA_FILE } from './layout.js';

export interface TensorDescription {
  readonly name: string;
  /** An Open Inference Protocol datatype, such as `FP32`. */
  readonly datatype: string;
  /** -1 where a dimension varies. */
  readonly shape: readonly number[];
}

export interface GoldenTensor extends TensorDescription {
  /** Row-major. */
  readonly data: readonly (number | string | boolean)[];
}

export interface GoldenExample {
  readonly inputs: readonly GoldenTensor[];
  readonly outputs: readonly GoldenTensor[];
}

export interface ModelMetadata {
  readonly name: string;
  readonly version: string;
  /** Of the bytes of model.onnx. */
  readonly digest: Digest;
  readonly signature: {
    readonly inputs: readonly TensorDescription[];
    readonly outputs: readonly TensorDescription[];
  };
  readonly provenance: Readonly<Record<string, unknown>>;
  readonly golden: {
    /** An output passes when |actual - expected| <= absolute + relative * |expected|. */
    readonly tolerance: { readonly absolute: number; readonly relative: number };
    readonly examples: readonly GoldenExample[];
  };
}

const REMEDY = 'write it as models/training/registry.py does';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTensor(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value.name === 'string' &&
    typeof value.datatype === 'string' &&
    Array.isArray(value.shape) &&
    value.shape.every((d) => Number.isInteger(d) && (d as number) >= -1)
  );
}

function isTensorList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isTensor);
}

function isGolden(value: unknown): boolean {
  if (!isRecord(value) || !isRecord(value.tolerance) || !Array.isArray(value.examples)) return false;
  if (typeof value.tolerance.absolute !== 'number' || typeof value.tolerance.relative !== 'number')
    return false;
  return value.examples.every(
    (example) =>
      isRecord(example) &&
      [example.inputs, example.outputs].every(
        (tensors) =>
          isTensorList(tensors) && (tensors as { data?: unknown }[]).every((t) => Array.isArray(t.data)),
      ),
  );
}

/** Each check with the field it speaks of. */
const CHECKS: readonly [field: string, holds: (m: Record<string, unknown>) => boolean, expected: string][] = [
  ['name', (m) => typeof m.name === 'string', 'must be a string'],
  ['version', (m) => typeof m.version === 'string', 'must be a string'],
  [
    'digest',
    (m) => typeof m.digest === 'string' && DIGEST_PATTERN.test(m.digest),
    'must be sha256: and 64 hex digits',
  ],
  [
    'signature',
    (m) => isRecord(m.signature) && isTensorList(m.signature.inputs) && isTensorList(m.signature.outputs),
    'must have inputs and outputs, each with name, datatype and shape',
  ],
  ['provenance', (m) => isRecord(m.provenance), 'must be an object'],
  ['golden', (m) => isGolden(m.golden), 'must have a tolerance and examples with inputs and outputs'],
];

export function parseMetadata(text: string, file: string): Result<ModelMetadata> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail(problem('InvalidMetadata', file, `not JSON: ${messageOf(error)}`, REMEDY));
  }
  if (!isRecord(value)) return fail(problem('InvalidMetadata', file, 'must be a JSON object', REMEDY));
  for (const [field, holds, expected] of CHECKS) {
    if (!holds(value)) return fail(problem('InvalidMetadata', `${file}: ${field}`, expected, REMEDY));
  }
  return ok(value as unknown as ModelMetadata);
}

/** Reads FOLDER/model.json. */
export async function readMetadata(folder: string): Promise<Result<ModelMetadata>> {
  const file = path.join(folder, METADATA_FILE);
  try {
    return parseMetadata(await readFile(file, 'utf8'), file);
  } catch (error) {
    return fail(problem('MetadataMissing', file, messageOf(error), REMEDY));
  }
}
