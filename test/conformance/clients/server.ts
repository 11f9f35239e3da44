/** A real `gantry serve` for judges that are programs of their own. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
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

/** Serves while `use` runs, and stops. */
export async function withServer<T>(use: (addresses: Addresses) => Promise<T>): Promise<T> {
  const root = await modelRepository();
  const server = startProgram(process.execPath, [
    GANTRY,
    'serve',
    ...['--models', root, '--host', '127.0.0.1'],
    ...['--port', '0', '--grpc-port', '0', '--metrics-port', '0'],
  ]);
  try {
    const listening = await server.printed(/"port":(\d+),"grpcPort":(\d+)/);
    await server.printed(/"msg":"ready"/);
    return await use({ http: `127.0.0.1:${listening[1]}`, grpc: `127.0.0.1:${listening[2]}` });
  } finally {
    await server.end('SIGTERM');
    await rm(root, { recursive: true, force: true });
  }
}
