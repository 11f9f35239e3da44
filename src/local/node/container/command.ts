import type { Container, Service, VolumeMount } from '../../objects/index.js';
import type { LocalImage } from '../image.js';
import { expand } from './expand.js';
import { type PathMap, rewritePaths, rewriteServiceNames } from './rewrite.js';

/** What the node starts: everything in host terms. */
export interface ProcessSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export interface ProcessContext {
  readonly image: LocalImage;
  readonly podIP: string;
  readonly podName: string;
  readonly paths: PathMap;
  findService(namespace: string, name: string): Service | undefined;
  /** What every process of this machine gets, such as PATH; a container's own variables win. */
  readonly machineEnv: Readonly<Record<string, string>>;
  /** Where the process starts when the container names no working directory. */
  readonly directory: string;
}

/** Container paths of an image and of a container's mounts, with where they are on the host. */
export function containerPaths(
  image: LocalImage,
  mounts: readonly VolumeMount[],
  volumePath: (mount: VolumeMount) => string,
): Map<string, string> {
  const paths = new Map(Object.entries(image.paths));
  for (const mount of mounts) paths.set(mount.mountPath, volumePath(mount));
  return paths;
}

/** Turns text meant for the inside of a container into text that holds on the host. */
export function toHost(text: string, context: Pick<ProcessContext, 'paths' | 'findService'>): string {
  const named = rewriteServiceNames(text, (namespace, name) => context.findService(namespace, name));
  return rewritePaths(named, context.paths);
}

/**
 * The process of a container. `command` replaces the image's entry point and, as in Kubernetes, its arguments with it.
 * An emptyDir at /tmp is found by programs through TMPDIR, since /tmp itself is the machine's.
 */
export function processSpec(
  container: Container,
  variables: ReadonlyMap<string, string>,
  context: ProcessContext,
): ProcessSpec | undefined {
  const ownCommand = (container.command ?? []).length > 0;
  const imageArgs = ownCommand ? [] : (context.image.args ?? []);
  const entry = ownCommand ? (container.command ?? []) : (context.image.command ?? []);
  const args = (container.args ?? []).length > 0 ? (container.args ?? []) : imageArgs;
  const words = [...entry, ...args].map((word) => toHost(expand(word, variables), context));
  const [command, ...rest] = words;
  if (command === undefined) return undefined;
  const own = Object.fromEntries([...variables].map(([name, value]) => [name, toHost(value, context)]));
  const temporary = context.paths.get('/tmp');
  return {
    command,
    args: rest,
    env: {
      ...context.machineEnv,
      ...(temporary === undefined ? {} : { TMPDIR: temporary }),
      HOSTNAME: context.podName,
      POD_IP: context.podIP,
      ...context.image.env(context.podIP),
      ...own,
    },
    cwd: container.workingDir === undefined ? context.directory : toHost(container.workingDir, context),
  };
}
