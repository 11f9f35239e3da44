/** A registry of small made-up versions in a temporary folder: the bytes are no ONNX, which the registry never reads. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { digestOfBytes } from '../../src/base/index.js';
import type { Stage } from '../../src/registry/index.js';

export function temporaryRegistry(): string {
  return mkdtempSync(path.join(os.tmpdir(), 'gantry-registry-'));
}

export function addVersion(
  root: string,
  stage: Stage,
  name: string,
  version: string,
  content: string | Uint8Array = `${name} ${version}`,
) {
  const folder = path.join(root, stage, name, version);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'model.onnx'), content);
  const tensor = { name: 'x', datatype: 'FP32', shape: [-1, 1] };
  const metadata = {
    name,
    version,
    digest: digestOfBytes(content),
    signature: { inputs: [tensor], outputs: [{ ...tensor, name: 'y' }] },
    provenance: {},
    golden: { tolerance: { absolute: 1e-6, relative: 1e-6 }, examples: [] },
  };
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify(metadata));
  return { folder, digest: metadata.digest };
}
