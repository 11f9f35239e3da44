import { fail, ok, type Result } from '../../../base/index.js';
import type { DownwardItem, KeyToPath, Pod, Volume, VolumeProjection } from '../../objects/index.js';
import type { Sources } from '../container/environment.js';
import { fieldValue, resourceValue } from '../container/fieldRef.js';

export interface PayloadFile {
  readonly bytes: Buffer;
  /** Permission bits. */
  readonly mode: number;
}

/** Relative path -> content: what a volume made of API objects contains. */
export type Payload = ReadonlyMap<string, PayloadFile>;

const DEFAULT_MODE = 0o644;

/** Whether the volume's content is made from API objects, and follows them when they change. */
export function hasPayload(volume: Volume): boolean {
  const { configMap, secret, downwardAPI, projected } = volume;
  return [configMap, secret, downwardAPI, projected].some((source) => source !== undefined);
}

/** The files of a configMap, secret, downwardAPI or projected volume; fails in kubelet's words. */
export function volumePayload(pod: Pod, volume: Volume, sources: Sources): Result<Payload, string> {
  const { configMap, secret, downwardAPI, projected } = volume;
  if (configMap !== undefined) {
    return collect(pod, [{ configMap }], configMap.defaultMode, sources);
  }
  if (secret !== undefined) {
    const { secretName: name, items, optional } = secret;
    return collect(pod, [{ secret: { name, items, optional } }], secret.defaultMode, sources);
  }
  if (downwardAPI !== undefined) return collect(pod, [{ downwardAPI }], downwardAPI.defaultMode, sources);
  return collect(pod, projected?.sources ?? [], projected?.defaultMode, sources);
}

function collect(
  pod: Pod,
  projections: readonly VolumeProjection[],
  mode: number | undefined,
  sources: Sources,
): Result<Payload, string> {
  const files = new Map<string, PayloadFile>();
  for (const projection of projections) {
    const added = project(pod, projection, mode ?? DEFAULT_MODE, sources);
    if (!added.ok) return added;
    for (const [path, file] of added.value) {
      if (!isSafePath(path)) return fail(`invalid path in the volume: ${path}`);
      files.set(path, file);
    }
  }
  return ok(files);
}

/** Kubernetes refuses such paths at admission; a node that writes files does not trust that alone. */
function isSafePath(path: string): boolean {
  const parts = path.split('/');
  return path !== '' && !path.startsWith('/') && !path.startsWith('..') && !parts.includes('..');
}

function project(
  pod: Pod,
  projection: VolumeProjection,
  mode: number,
  sources: Sources,
): Result<Payload, string> {
  const { configMap, secret, downwardAPI } = projection;
  if (configMap !== undefined) {
    const found = sources.configMap(configMap.name);
    const data = found === undefined ? undefined : configMapBytes(found);
    return keyed(configMap, data, { kind: 'configmap', pod, mode });
  }
  if (secret !== undefined) {
    const found = sources.secret(secret.name);
    const data = found === undefined ? undefined : decodeAll(found.data ?? {});
    return keyed(secret, data, { kind: 'secret', pod, mode });
  }
  if (downwardAPI !== undefined) return downward(pod, downwardAPI.items ?? [], mode, sources);
  // A serviceAccountToken: this cluster mints none for pods, and a missing file says so more clearly than an empty one.
  return ok(new Map());
}

function configMapBytes(found: { data?: Record<string, string>; binaryData?: Record<string, string> }) {
  const text = Object.entries(found.data ?? {}).map(([key, value]) => [key, Buffer.from(value)] as const);
  return new Map([...text, ...decodeAll(found.binaryData ?? {})]);
}

function decodeAll(data: Readonly<Record<string, string>>): Map<string, Buffer> {
  return new Map(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64')]));
}

function keyed(
  source: { name: string; items?: KeyToPath[]; optional?: boolean },
  data: ReadonlyMap<string, Buffer> | undefined,
  { kind, pod, mode }: { kind: string; pod: Pod; mode: number },
): Result<Payload, string> {
  const files = new Map<string, PayloadFile>();
  if (data === undefined) {
    return source.optional === true ? ok(files) : fail(`${kind} "${source.name}" not found`);
  }
  if (source.items === undefined || source.items.length === 0) {
    for (const [key, bytes] of data) files.set(key, { bytes, mode });
    return ok(files);
  }
  for (const item of source.items) {
    const bytes = data.get(item.key);
    if (bytes !== undefined) files.set(item.path, { bytes, mode: item.mode ?? mode });
    else if (source.optional !== true) {
      const place = `${pod.metadata.namespace ?? ''}/${source.name}`;
      return fail(`references non-existent ${kind} key: ${item.key} (${place})`);
    }
  }
  return ok(files);
}

function downward(
  pod: Pod,
  items: readonly DownwardItem[],
  mode: number,
  sources: Sources,
): Result<Payload, string> {
  const files = new Map<string, PayloadFile>();
  for (const item of items) {
    const value = downwardValue(pod, item, sources);
    if (value === undefined) return fail(`unsupported downward API item: ${item.path}`);
    files.set(item.path, { bytes: Buffer.from(value), mode: item.mode ?? mode });
  }
  return ok(files);
}

function downwardValue(pod: Pod, item: DownwardItem, sources: Sources): string | undefined {
  if (item.fieldRef !== undefined) return fieldValue(pod, item.fieldRef.fieldPath);
  const { resourceFieldRef } = item;
  const container = pod.spec.containers.find(({ name }) => name === resourceFieldRef?.containerName);
  if (resourceFieldRef === undefined || container === undefined) return undefined;
  return resourceValue(pod, container, resourceFieldRef, sources.capacity);
}
