import type { ResourceType } from '../object.js';

export interface Place {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** `/apis/apps/v1/namespaces/default/deployments/web/status`, percent-encoded. */
export function resourcePath(type: ResourceType, place: Place): string {
  const segments = type.group === '' ? ['api', type.version] : ['apis', type.group, type.version];
  if (type.namespaced && place.namespace !== undefined && place.namespace !== '') {
    segments.push('namespaces', place.namespace);
  }
  segments.push(type.plural);
  if (place.name !== undefined) segments.push(place.name);
  if (place.subresource !== undefined) segments.push(place.subresource);
  return `/${segments.map(encodeURIComponent).join('/')}`;
}

/** A query string with its `?`, without the parameters that are undefined; empty when none is left. */
export function queryString(
  parameters: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
