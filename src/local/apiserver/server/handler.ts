/** One request to one answer: who asks, what for, which verb. */
import type { ApiRequest, ApiResponse } from '../../../kube/index.js';
import { answerDiscovery } from '../discovery/discovery.js';
import { failure, methodNotAllowed, noSuchResource, StatusError } from '../status.js';
import type { Answer, Call, Core } from '../verbs/call.js';
import { createObject } from '../verbs/create.js';
import { deleteCollection, deleteObject } from '../verbs/delete.js';
import { listObjects } from '../verbs/list.js';
import { booleanParameter, parseListOptions } from '../verbs/listOptions.js';
import { patchObject } from '../verbs/patch.js';
import { getObject } from '../verbs/read.js';
import { managerOf } from '../verbs/requestOptions.js';
import { review } from '../verbs/reviews.js';
import { answerSubresource } from '../verbs/subresources.js';
import { updateObject } from '../verbs/update.js';
import { watchObjects } from '../verbs/watch.js';
import { authorizePath, authorizeResource, verbOf } from './authorize.js';
import { checkBodySize } from './body.js';
import { negotiate } from './mediaType.js';
import { parseResourcePath, type ResourcePath } from './path.js';
import { answerResponse, errorResponse, textResponse, warningHeader } from './respond.js';
import type { User } from './user.js';

export interface Handler {
  readonly core: Core;
  readonly authenticate: (headers: Readonly<Record<string, string>>) => User;
}

const READING: ReadonlySet<string> = new Set(['get', 'list', 'watch']);
const ORIGIN = 'http://local';

/** Never rejects: whatever goes wrong is an answer. */
export async function handle(handler: Handler, request: ApiRequest): Promise<ApiResponse> {
  try {
    const response = await answer(handler, request);
    return (request.method as string) === 'HEAD' ? { ...response, body: nothing() } : response;
  } catch (error) {
    if (error instanceof StatusError) return errorResponse(error);
    const message = error instanceof Error ? error.message : String(error);
    return errorResponse(
      failure({ code: 500, reason: 'InternalError', message: `Internal error occurred: ${message}` }),
    );
  }
}

async function answer({ core, authenticate }: Handler, request: ApiRequest): Promise<ApiResponse> {
  const url = new URL(request.path, ORIGIN);
  const user = authenticate(request.headers);
  const path = parseResourcePath(url.pathname);
  if (path === undefined) {
    authorizePath(user, request.method, url.pathname);
    return answerDiscovery(core, request, url);
  }
  // Only collections are watched: at an object's path the parameter means nothing.
  const watch = path.watchPath || (path.name === '' && booleanParameter(url.searchParams.get('watch')));
  const verb = verbOf(request.method, path, watch && request.method === 'GET');
  authorizeResource(user, verb, path);
  const row = core.kinds.find(path.group, path.version, path.plural);
  if (row === undefined) return unknownResource(core, path);
  if (row.namespaced && path.namespace === '' && path.name !== '') throw noSuchResource();
  if (!row.namespaced && path.namespace !== '') {
    if (row.custom === undefined) throw noSuchResource();
    return textResponse(404, '404 page not found\n');
  }
  const body = bodyOf(request);
  checkBodySize(body.length);
  const call: Call = {
    row,
    namespace: row.namespaced ? path.namespace : '',
    name: path.name,
    subresource: path.subresource,
    query: url.searchParams,
    user,
    userAgent: managerOf(request.headers['user-agent']),
    contentType: request.headers['content-type'] ?? '',
    body,
    signal: request.signal,
    negotiated: negotiate(
      request.headers['accept'],
      booleanParameter(url.searchParams.get('pretty')),
      row.custom !== undefined,
    ),
    warnings: row.custom?.deprecationWarning === undefined ? [] : [row.custom.deprecationWarning],
  };
  const result = await dispatchWarned(core, call, verb, path);
  if (!READING.has(verb)) await core.store.committed();
  return answerResponse(result, call, core.clock);
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // HEAD answers with headers alone.
}

function bodyOf(request: ApiRequest): Uint8Array {
  if (request.body === undefined) return new Uint8Array();
  return typeof request.body === 'string' ? Buffer.from(request.body) : request.body;
}

/** A known group and version without the resource has a Status; anything else is the file server's 404. */
function unknownResource(core: Core, { group, version }: ResourcePath): ApiResponse {
  const custom = core.kinds.all().some((row) => row.group === group && row.custom !== undefined);
  if (core.kinds.hasGroupVersion(group, version) && !custom) throw noSuchResource();
  return textResponse(404, '404 page not found\n');
}

/** A refusal carries the warnings that were collected before it. */
async function dispatchWarned(core: Core, call: Call, verb: string, path: ResourcePath): Promise<Answer> {
  try {
    return await dispatch(core, call, verb, path);
  } catch (error) {
    if (!(error instanceof StatusError) || call.warnings.length === 0) throw error;
    throw new StatusError(error.status, { ...error.headers, ...warningHeader(call.warnings) });
  }
}

function dispatch(core: Core, call: Call, verb: string, path: ResourcePath): Answer | Promise<Answer> {
  if (call.subresource !== '') return answerSubresource(core, call, verb);
  const known: readonly string[] = call.row.verbs;
  const wantsName = verb === 'update' || verb === 'patch';
  if (!known.includes(verb) || (wantsName && call.name === '')) throw methodNotAllowed();
  switch (verb) {
    case 'create':
      if (call.row.verbs.length === 1) return review(core, call);
      return createObject(core, call);
    case 'list':
      return listObjects(core, call, parseListOptions(call.query, call.row, false));
    case 'watch':
      return watchObjects(core, call, parseListOptions(call.query, call.row, path.watchPath));
    case 'get':
      return getObject(core, call);
    case 'update':
      return updateObject(core, call);
    case 'patch':
      return patchObject(core, call);
    case 'delete':
      return deleteObject(core, call);
    case 'deletecollection':
      return deleteCollection(core, call, parseListOptions(call.query, call.row, false));
    default:
      throw methodNotAllowed();
  }
}
