/** A real `gantry serve` for judges that are programs of their own. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { digestOfBytes } from '../../../src/base/index.js';
import {
  ELEMENT_TYPES,
  type ElementType,
  identityModel,
  linearModel,
  twoByTwoModel,
} from '../../support/onnxModel.js';
import { GANTRY, ROOT, startProgram } from '../../support/program.js';

/** Made by scripts/python-clients.js. */
export const PYTHON = path.join(ROOT, '.cache/python/bin/python');
export const SCHEMATHESIS = path.join(ROOT, '.cache/python/bin/schemathesis');
export const MISSING = 'the public Python clients are not installed: run node scripts/python-clients.js';

export interface Addresses {
  /** `127.0.0.1:PORT` */
  readonly http: string;
  readonly grpc: string;
}

/** The models that judge.py asks, in a plain model repository. */
async function modelRepository(): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'gantry-judged-'));
  const models: Record<string, Buffer> = {
    'linear/1': linearModel(4),
    'linear/2': linearModel(4, 2),
    'sums/1': twoByTwoModel(4),
  };
  for (const type of Object.keys(ELEMENT_TYPES) as ElementType[]) {
    models[`identity-${type.toLowerCase()}/1`] = identityModel(type);
  }
  for (const [folder, bytes] of Object.entries(models)) {
    await mkdir(path.join(root, folder), { recursive: true });
    await writeFile(path.join(root, folder, 'model.onnx'), bytes);
  }
  return root;
}

/** Serves the sample models of the repository while `use` runs. */
export function withSamples<T>(use: (addresses: Addresses) => Promise<T>): Promise<T> {
  return serving(['--models', path.join(ROOT, 'models')], use);
}

/** Serves a folder of small models, one for each datatype, while `use` runs. */
export async function withServer<T>(use: (addresses: Addresses) => Promise<T>): Promise<T> {
  const root = await modelRepository();
  try {
    const control = ['--model-control-mode', 'explicit', '--load-model', '*'];
    return await serving(['--models', root, ...control], use);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Serves one model with a typed endpoint, as a pod does, while `use` runs. */
export async function withPod<T>(use: (addresses: Addresses) => Promise<T>): Promise<T> {
  const root = await mkdtemp(path.join(tmpdir(), 'gantry-judged-'));
  const folder = path.join(root, 'production/linear/1');
  const bytes = linearModel(4);
  const digest = digestOfBytes(bytes);
  const config = path.join(root, 'serving.json');
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'model.onnx'), bytes);
    await writeFile(path.join(folder, 'model.json'), JSON.stringify(metadataOf(digest)));
    await writeFile(
      config,
      JSON.stringify({ ...POD_CONFIG, model: { name: 'linear', version: '1', digest } }),
    );
    return await serving(['--models', root, '--config', config], use);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const POD_CONFIG = {
  apiVersion: 'gantry.dev/serving.v1alpha1',
  features: [
    { name: 'age', type: 'number', minimum: 0, maximum: 120, unit: 'years' },
    { name: 'rooms', type: 'integer', minimum: 1, maximum: 9 },
    { name: 'owner', type: 'boolean' },
    { name: 'score', type: 'number', minimum: -1e30, maximum: 1e30 },
  ],
  batching: { enabled: true, maxRows: 256 },
  queue: { maxRequests: 1024 },
  timeoutMs: 10_000,
  warmup: { runs: 3 },
  threads: 1,
  cache: { enabled: true, ttlSeconds: 60, maxBytes: 1 << 20 },
  limits: { maxBodyBytes: 1 << 20 },
};

function metadataOf(digest: string): object {
  const tensor = { datatype: 'FP32', shape: [-1, 4] };
  return {
    name: 'linear',
    version: '1',
    digest,
    signature: { inputs: [{ name: 'x', ...tensor }], outputs: [{ name: 'y', ...tensor, shape: [-1, 1] }] },
    provenance: {},
    golden: { tolerance: { absolute: 1e-6, relative: 1e-6 }, examples: [] },
  };
}

async function serving<T>(options: readonly string[], use: (addresses: Addresses) => Promise<T>): Promise<T> {
  const server = startProgram(process.execPath, [
    GANTRY,
    'serve',
    ...options,
    ...['--host', '127.0.0.1', '--port', '0', '--grpc-port', '0', '--metrics-port', '0'],
  ]);
  try {
    const listening = await server.printed(/"port":(\d+),"grpcPort":(\d+)/);
    await server.printed(/"msg":"ready"/);
    return await use({ http: `127.0.0.1:${listening[1]}`, grpc: `127.0.0.1:${listening[2]}` });
  } finally {
    await server.end('SIGTERM');
  }
}
