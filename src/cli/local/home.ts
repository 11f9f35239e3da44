/** The state folder of a local cluster: private to its owner, since it holds the keys of the cluster. */
import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { messageOf, problem, ProblemError } from '../../base/index.js';

/** What a cluster keeps beside its objects. */
export interface Instance {
  /** Which block of loopback addresses it has; see network.ts. */
  readonly block: number;
  /** Port of the API server, taken again at the next start. */
  readonly port: number;
  /** Whether the samples were installed: they are not brought back once deleted. */
  readonly hasSamples: boolean;
}

export interface Home {
  readonly folder: string;
  file(...parts: readonly string[]): string;
  /** Undefined before the first start. */
  readInstance(): Instance | undefined;
  writeInstance(instance: Instance): void;
  /** Writes a file that only its owner may read, replacing it in one step. */
  writePrivate(name: string, text: string): void;
  readPrivate(name: string): string | undefined;
}

const INSTANCE_FILE = 'instance.json';

/** Makes the folder when it is not there. Throws a ProblemError when it cannot be written. */
export function openHome(folder: string): Home {
  const file = (...parts: readonly string[]) => path.join(folder, ...parts);
  const readPrivate = (name: string) => {
    try {
      return readFileSync(file(name), 'utf8');
    } catch {
      return undefined;
    }
  };
  const writePrivate = (name: string, text: string) => {
    const incoming = file(`.${name}.incoming`);
    writeFileSync(incoming, text, { mode: 0o600 });
    renameSync(incoming, file(name));
  };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new ProblemError(
      problem('HomeUnwritable', folder, messageOf(error), 'choose another folder with --home or GANTRY_HOME'),
    );
  }
  return {
    folder,
    file,
    readPrivate,
    writePrivate,
    readInstance() {
      const text = readPrivate(INSTANCE_FILE);
      if (text === undefined) return undefined;
      try {
        return JSON.parse(text) as Instance;
      } catch {
        throw new ProblemError(
          problem(
            'HomeDamaged',
            file(INSTANCE_FILE),
            'is not JSON',
            'restore it, or remove the folder to start a new cluster',
          ),
        );
      }
    },
    writeInstance: (instance) => writePrivate(INSTANCE_FILE, `${JSON.stringify(instance)}\n`),
  };
}
