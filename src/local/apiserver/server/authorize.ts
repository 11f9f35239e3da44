/** Masters may do everything; everybody else may ask what they may do, and look at discovery and health. */
import { failure } from '../status.js';
import type { ResourcePath } from './path.js';
import { isMaster, type User } from './user.js';

const OPEN_PATHS = /^\/(healthz|livez|readyz|version)(\/|$)/;
const DISCOVERY_PATHS = /^\/(api|apis|openapi)(\/|$)/;

/** Throws 403. */
export function authorizePath(user: User, method: string, pathname: string): void {
  if (isMaster(user) || OPEN_PATHS.test(pathname)) return;
  const authenticated = user.groups.includes('system:authenticated');
  if (authenticated && DISCOVERY_PATHS.test(pathname) && method === 'GET') return;
  const verb = method.toLowerCase();
  const message = `forbidden: User ${JSON.stringify(user.name)} cannot ${verb} path ${JSON.stringify(pathname)}`;
  throw failure({ code: 403, reason: 'Forbidden', message, details: {} });
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** The verb of a resource request as authorization names it. */
export function verbOf(method: string, path: ResourcePath, watch: boolean): string {
  if (method === 'GET' || method === 'HEAD') {
    if (watch) return 'watch';
    return path.name === '' ? 'list' : 'get';
  }
  const verb = VERBS[method] ?? method.toLowerCase();
  return verb === 'delete' && path.name === '' ? 'deletecollection' : verb;
}

const SELF_REVIEWS: ReadonlySet<string> = new Set([
  'selfsubjectaccessreviews',
  'selfsubjectrulesreviews',
  'selfsubjectreviews',
]);

/** Throws 403, for served resources and others alike. */
export function authorizeResource(user: User, verb: string, path: ResourcePath): void {
  if (isMaster(user)) return;
  if (verb === 'create' && SELF_REVIEWS.has(path.plural) && user.groups.includes('system:authenticated'))
    return;
  const { group, plural, name, namespace, subresource } = path;
  const resource = subresource === '' ? plural : `${plural}/${subresource}`;
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  const subject = `${group === '' ? plural : `${plural}.${group}`}${name === '' ? '' : ` ${JSON.stringify(name)}`}`;
  throw failure({
    code: 403,
    reason: 'Forbidden',
    message: `${subject} is forbidden: User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(group)} ${scope}`,
    details: { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural },
  });
}
