/** The images a local node knows: a name each, run as a process of this machine. */
import path from 'node:path';
import type { LocalImage } from '../../local/index.js';
import { packageRoot } from '../version.js';

/** `gantry:TAG`, whatever the tag: this very program, with the models of this machine where the image has its own. */
export function gantryImage(models: string): LocalImage {
  return {
    matches: (image) => /(^|\/)gantry(:|@|$)/.test(image),
    paths: { '/app/models': models },
    // As the entry point of the image.
    command: [process.execPath, '--max-semi-space-size=8', path.join(packageRoot(), 'bin', 'gantry.js')],
    // A laptop runs many pods: one process each.
    env: (podIP) => ({ GANTRY_HOST: podIP, GANTRY_PROCESSES: '1', NODE_ENV: 'production' }),
  };
}

/** `redis:TAG`: the redis-server of this machine. */
export function redisImage(searchPath: string): LocalImage {
  return {
    matches: (image) => /(^|\/)redis(:|@|$)/.test(image),
    paths: {},
    command: ['redis-server'],
    env: () => ({ PATH: searchPath }),
  };
}
