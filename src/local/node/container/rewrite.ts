import type { Service } from '../../objects/index.js';

/** Path in the container -> path on the host. */
export type PathMap = ReadonlyMap<string, string>;

/** What may stand in a path or a name: next to it, a match would be a part of another path. */
const PATH_CHARACTER = '-A-Za-z0-9_.~';

/**
 * Puts host paths where container paths stand. Processes of this node see the machine's file system: there is no mount
 * namespace, so the node rewrites paths where it hands them over (command, arguments, environment). A path matches as a
 * whole or as a prefix that ends at a slash: with `/etc/app` mounted, `--config=/etc/app/x.json` is rewritten,
 * `/etc/apple` and `/srv/etc/app` are not. Longer paths win. Paths a program has built in, or reads from a file, stay.
 */
export function rewritePaths(text: string, paths: PathMap): string {
  const sources = [...paths.keys()].filter((path) => path !== '/').sort((a, b) => b.length - a.length);
  if (sources.length === 0) return text;
  const alternatives = sources.map((path) => escapePattern(path.replace(/\/+$/, ''))).join('|');
  const before = `(?<![${PATH_CHARACTER}/])|(?<=file://)`;
  const pattern = new RegExp(`(?:${before})(${alternatives})(?![${PATH_CHARACTER}])`, 'g');
  return text.replace(
    pattern,
    (match: string, path: string) => paths.get(path) ?? paths.get(`${path}/`) ?? match,
  );
}

/**
 * Puts the ClusterIP where a Service's DNS name stands: `NAME.NAMESPACE.svc`, with or without `.cluster.local`. There is
 * no DNS on this node; names of Services that do not exist, or are headless, stay as they are and do not resolve.
 */
export function rewriteServiceNames(
  text: string,
  find: (namespace: string, name: string) => Service | undefined,
): string {
  if (!text.includes('.svc')) return text;
  const label = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
  const pattern = new RegExp(
    `(?<![\\w.-])(${label})\\.(${label})\\.svc(?:\\.cluster\\.local)?(?!\\.?[\\w-])\\.?`,
    'g',
  );
  return text.replace(pattern, (match: string, name: string, namespace: string) => {
    const address = find(namespace, name)?.spec.clusterIP;
    return address === undefined || address === '' || address === 'None' ? match : address;
  });
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
