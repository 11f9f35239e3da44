/** The plain discovery documents: APIVersions, APIGroupList, APIGroup, APIResourceList. */
import { createHash } from 'node:crypto';
import type { KindRow, Verb } from '../kinds/kind.js';
import { CRD_STORAGE_KEY } from '../kinds/kinds.js';
import type { KindRegistry } from '../kinds/registry.js';

export const SUBRESOURCE_VERBS: readonly Verb[] = ['get', 'patch', 'update'];
const CUSTOM_VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

export function legacyVersions(): unknown {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1:443' }],
  };
}

/** Named groups in the order of their rows, each with its versions, best first. */
export function groupsOf(kinds: KindRegistry): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { group, version } of kinds.all()) {
    if (group === '') continue;
    const versions = groups.get(group) ?? [];
    if (!versions.includes(version)) versions.push(version);
    groups.set(group, versions.sort(compareVersions));
  }
  return groups;
}

/** Kubernetes' priority of versions: v2 before v1 before v1beta2 before v1alpha1 before anything else. */
export function compareVersions(a: string, b: string): number {
  const rank = (version: string): readonly number[] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    if (match === null) return [0, 0, 0];
    const stability = match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1;
    return [stability, Number(match[1]), Number(match[3] ?? 0)];
  };
  const [left, right] = [rank(a), rank(b)];
  for (let index = 0; index < left.length; index++) {
    const difference = (right[index] ?? 0) - (left[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : 1;
}

function groupEntry(name: string, versions: readonly string[]): Record<string, unknown> {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

export function groupList(kinds: KindRegistry): unknown {
  const groups = [...groupsOf(kinds)].map(([name, versions]) => groupEntry(name, versions));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

export function groupDocument(kinds: KindRegistry, group: string): unknown {
  const versions = groupsOf(kinds).get(group);
  return versions === undefined
    ? undefined
    : { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group, versions) };
}

export function resourceList(kinds: KindRegistry, group: string, version: string): unknown {
  if (!kinds.hasGroupVersion(group, version)) return undefined;
  const rows = kinds.all().filter((row) => row.group === group && row.version === version);
  const resources = rows.flatMap(entriesOf).sort((a, b) => (a.name < b.name ? -1 : 1));
  const custom = rows.some((row) => row.custom !== undefined);
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: custom ? rows.flatMap(entriesOf) : resources,
  };
}

interface ResourceEntry {
  readonly name: string;
  readonly [field: string]: unknown;
}

export function verbsOf(row: KindRow): readonly string[] {
  return row.custom === undefined ? row.verbs : CUSTOM_VERBS;
}

function entriesOf(row: KindRow): ResourceEntry[] {
  const { plural, kind, namespaced } = row;
  const main: ResourceEntry = {
    name: plural,
    singularName: row.singular,
    namespaced,
    kind,
    verbs: verbsOf(row),
    ...(row.shortNames.length === 0 ? {} : { shortNames: row.shortNames }),
    ...(row.categories.length === 0 ? {} : { categories: row.categories }),
    ...(row.verbs.includes('get') && row.storageKey !== CRD_STORAGE_KEY
      ? { storageVersionHash: storageVersionHash(row) }
      : {}),
  };
  const sub = (name: string, rest: object): ResourceEntry => ({
    name: `${plural}/${name}`,
    singularName: '',
    namespaced,
    ...rest,
  });
  const others = row.otherSubresources.map(({ name, kind: subKind, group, version, verbs }) =>
    sub(name, { ...(group === undefined ? {} : { group, version }), kind: subKind, verbs }),
  );
  return [
    main,
    ...others,
    ...(row.status ? [sub('status', { kind, verbs: SUBRESOURCE_VERBS })] : []),
    ...(row.scale === undefined
      ? []
      : [sub('scale', { group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: SUBRESOURCE_VERBS })]),
  ];
}

/** k8s.io/apiserver/pkg/endpoints/discovery.StorageVersionHash: which version etcd holds, in eight bytes. */
function storageVersionHash(row: KindRow): string {
  const group = row.storageKey === 'events' ? '' : row.group;
  const version = row.custom?.storageVersion ?? row.version;
  return createHash('sha256')
    .update(`${group}/${version}/${row.kind}`)
    .digest()
    .subarray(0, 8)
    .toString('base64');
}
