/** apidiscovery.k8s.io: every group, version and resource in one document. */
import type { KindRow } from '../kinds/kind.js';
import type { KindRegistry } from '../kinds/registry.js';
import { groupsOf, SUBRESOURCE_VERBS, verbsOf } from './documents.js';

/** The document for /api (`core`) or /apis. */
export function aggregatedGroups(kinds: KindRegistry, version: 'v2' | 'v2beta1', core: boolean): unknown {
  const groups = core ? new Map([['', ['v1']]]) : groupsOf(kinds);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: [...groups].map(([name, versions]) => ({
      metadata: name === '' ? { creationTimestamp: null } : { name },
      versions: versions.map((each) => ({
        version: each,
        resources: kinds
          .all()
          .filter((row) => row.group === name && row.version === each)
          .map(resourceOf),
        freshness: 'Current',
      })),
    })),
  };
}

interface Named {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

function responseKind({ group, version, kind }: Named): Named {
  return { group, version, kind };
}

function resourceOf(row: KindRow): unknown {
  const subresources = subresourcesOf(row);
  const kindOfRow = row.group === 'apiextensions.k8s.io' ? { group: '', version: '', kind: row.kind } : row;
  return {
    resource: row.plural,
    responseKind: responseKind(kindOfRow),
    scope: row.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: row.singular,
    verbs: verbsOf(row),
    ...(row.shortNames.length === 0 ? {} : { shortNames: row.shortNames }),
    ...(row.categories.length === 0 ? {} : { categories: row.categories }),
    ...(subresources.length === 0 ? {} : { subresources }),
  };
}

function subresourcesOf(row: KindRow): unknown[] {
  const own = row.group === 'apiextensions.k8s.io' ? { group: '', version: '', kind: row.kind } : row;
  const others = row.otherSubresources.map(({ name, kind, group, version, verbs }) => ({
    subresource: name,
    responseKind: responseKind({ group: group ?? row.group, version: version ?? row.version, kind }),
    verbs,
  }));
  const status = { subresource: 'status', responseKind: responseKind(own), verbs: SUBRESOURCE_VERBS };
  const scale = {
    subresource: 'scale',
    responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
    verbs: SUBRESOURCE_VERBS,
  };
  return [...others, ...(row.status ? [status] : []), ...(row.scale === undefined ? [] : [scale])];
}
