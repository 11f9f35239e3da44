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
  const [command, ...rest] = wordsOf(container, variables, context);
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

/** An image's own words name the machine's paths already, which may lie below one that the container has mounted: a checkout in /tmp. */
function wordsOf(
  { command = [], args = [] }: Container,
  variables: ReadonlyMap<string, string>,
  context: ProcessContext,
): readonly string[] {
  const inContainer = (words: readonly string[]) =>
    words.map((word) => toHost(expand(word, variables), context));
  if (command.length > 0) return inContainer([...command, ...args]);
  const { image } = context;
  return [...(image.command ?? []), ...(args.length > 0 ? inContainer(args) : (image.args ?? []))];
}
