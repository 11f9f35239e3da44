/** Everything that is not a resource: group and resource lists, versions, health, OpenAPI. */
import type { ApiRequest, ApiResponse } from '../../../kube/index.js';
import { ACCEPTED_TYPES, negotiate, parseAccept } from '../server/mediaType.js';
import { bytesResponse, jsonResponse, notModified, textResponse } from '../server/respond.js';
import { notAcceptable } from '../status.js';
import type { Core } from '../verbs/call.js';
import { aggregatedGroups } from './aggregated.js';
import { groupDocument, groupList, legacyVersions, resourceList } from './documents.js';
import { healthAnswer } from './health.js';
import { etagOf } from './etag.js';
import { openApiV2, openApiV3Document, openApiV3Index } from './openapi.js';
import { versionInfo } from './version.js';

/** Any path outside the resources. Throws 406. */
export function answerDiscovery(core: Core, request: ApiRequest, url: URL): ApiResponse {
  const path = url.pathname.replace(/\/+$/, '') || '/';
  const health = healthAnswer(path, url.searchParams);
  if (health !== undefined) return textResponse(200, health);
  const parts = path.split('/').filter(Boolean);
  if (parts[0] === 'openapi') return openApi(core, request, parts.slice(1));
  const served =
    request.method === 'GET' ? (grouped(core, request, parts) ?? plain(core, request, parts)) : undefined;
  return served ?? missing(core, parts);
}

const AGGREGATED = 'apidiscovery.k8s.io';

/** /api and /apis in the aggregated form, for clients that ask for it first. */
function grouped(core: Core, request: ApiRequest, parts: readonly string[]): ApiResponse | undefined {
  if (parts.length !== 1 || (parts[0] !== 'api' && parts[0] !== 'apis')) return undefined;
  for (const { type, parameters } of parseAccept(request.headers['accept'] ?? '')) {
    const { g, v, as } = parameters;
    if (as === undefined) return undefined;
    if (type !== 'application/json' || g !== AGGREGATED || as !== 'APIGroupDiscoveryList') continue;
    if (v !== 'v2' && v !== 'v2beta1') continue;
    const document = JSON.stringify(aggregatedGroups(core.kinds, v, parts[0] === 'api'));
    const etag = etagOf(document);
    const headers = { etag, vary: 'Accept' };
    if (request.headers['if-none-match'] === etag) return notModified(etag);
    const contentType = `application/json;g=${AGGREGATED};v=${v};as=APIGroupDiscoveryList`;
    return bytesResponse(200, contentType, document, headers);
  }
  if (request.headers['accept']?.includes('as=') === true) throw notAcceptable(ACCEPTED_TYPES);
  return undefined;
}

function plain(core: Core, request: ApiRequest, parts: readonly string[]): ApiResponse | undefined {
  const document = plainDocument(core, parts);
  return document === undefined
    ? undefined
    : jsonResponse(200, document, negotiate(request.headers['accept'], false, true));
}

function plainDocument(core: Core, [root, group, version, ...rest]: readonly string[]): unknown {
  if (rest.length > 0) return undefined;
  if (root === 'version' && group === undefined) return versionInfo();
  if (root === 'api') {
    if (group === undefined) return legacyVersions();
    return version === undefined ? resourceList(core.kinds, '', group) : undefined;
  }
  if (root !== 'apis') return undefined;
  if (group === undefined) return groupList(core.kinds);
  return version === undefined ? groupDocument(core.kinds, group) : resourceList(core.kinds, group, version);
}

/** An unknown group is the file server's 404, an unknown root path a list of those that exist. */
function missing(core: Core, parts: readonly string[]): ApiResponse {
  if (parts[0] === 'apis' || parts[0] === 'api') return textResponse(404, '404 page not found\n');
  const versions = new Set(core.kinds.all().map(({ group, version }) => `${group}/${version}`));
  const paths = [
    '/api',
    '/api/v1',
    '/apis',
    '/apis/',
    ...[...versions]
      .filter((each) => !each.startsWith('/'))
      .flatMap((each) => [`/apis/${each.split('/')[0] ?? ''}`, `/apis/${each}`]),
    ...['/healthz', '/livez', '/readyz'].flatMap((each) => [
      each,
      `${each}/etcd`,
      `${each}/log`,
      `${each}/ping`,
    ]),
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/',
    '/version',
  ];
  return jsonResponse(404, { paths: [...new Set(paths)].sort() });
}

function openApi(core: Core, request: ApiRequest, parts: readonly string[]): ApiResponse {
  const [version, ...rest] = parts;
  if (version === 'v2' && rest.length === 0) {
    const headers = { vary: 'Accept-Encoding, Accept', 'accept-ranges': 'bytes' };
    return bytesResponse(200, 'application/json', openApiV2(), headers);
  }
  if (version !== 'v3') return missing(core, ['openapi']);
  const document =
    rest.length === 0 ? openApiV3Index(core.kinds) : openApiV3Document(core.kinds, rest.join('/'));
  if (document === undefined) return textResponse(404, '404 page not found\n');
  const etag = etagOf(document);
  if (request.headers['if-none-match'] === etag) return notModified(etag);
  return bytesResponse(200, 'application/json', document, { etag, vary: 'Accept-Encoding, Accept' });
}
