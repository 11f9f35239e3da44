import { parseQuantity } from '../../../base/index.js';
import type { Container, Pod, ResourceFieldSelector } from '../../objects/index.js';

/**
 * The value a downward-API fieldRef names: metadata.name, namespace, uid, labels, annotations (whole or `['key']`),
 * spec.nodeName, spec.serviceAccountName, status.podIP(s), status.hostIP(s). `undefined` for any other path.
 */
export function fieldValue(pod: Pod, path: string): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed !== null) {
    const map = keyed[1] === 'labels' ? pod.metadata.labels : pod.metadata.annotations;
    return map?.[keyed[2] ?? ''] ?? '';
  }
  const { metadata, spec, status } = pod;
  switch (path) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid ?? '';
    case 'metadata.labels':
      return formatMap(metadata.labels);
    case 'metadata.annotations':
      return formatMap(metadata.annotations);
    case 'spec.nodeName':
      return spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? '';
    case 'status.podIP':
      return status?.podIP ?? '';
    case 'status.podIPs':
      return (status?.podIPs ?? []).map(({ ip }) => ip).join(',');
    case 'status.hostIP':
      return status?.hostIP ?? '';
    case 'status.hostIPs':
      return (status?.hostIPs ?? []).map(({ ip }) => ip).join(',');
    default:
      return undefined;
  }
}

/** `key="value"` a line, sorted, as kubelet writes labels and annotations into a file. */
function formatMap(map: Readonly<Record<string, string>> = {}): string {
  return Object.entries(map)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n');
}

/** What the node can give at most: the limit of a container that has none. */
export interface NodeCapacity {
  readonly cpu: number;
  readonly memory: number;
}

/** limits.cpu, requests.memory, … of a container, divided by the divisor and rounded up. */
export function resourceValue(
  pod: Pod,
  container: Container,
  selector: ResourceFieldSelector,
  capacity: NodeCapacity,
): string | undefined {
  const named = selector.containerName;
  const target =
    named === undefined ? container : pod.spec.containers.find((candidate) => candidate.name === named);
  const [kind = '', resource = ''] = selector.resource.split(/\.(.*)/);
  const { limits, requests } = target?.resources ?? {};
  const declared = kind === 'limits' ? limits?.[resource] : (requests?.[resource] ?? limits?.[resource]);
  const most = resource === 'cpu' ? capacity.cpu : resource === 'memory' ? capacity.memory : 0;
  const quantity = declared === undefined ? (kind === 'limits' ? most : 0) : parseQuantity(declared);
  if (target === undefined || quantity === undefined) return undefined;
  const divisor = parseQuantity(selector.divisor ?? '1');
  return String(Math.ceil(quantity / (divisor === undefined || divisor === 0 ? 1 : divisor)));
}
