import type { KubeObject } from '../../../kube/index.js';
import { badRequest, failure, type StatusError } from '../status.js';
import type { Answer, Call, Core, ListMeta } from './call.js';
import { decodeContinue, encodeContinue } from './continueToken.js';
import { type ListOptions, parseResourceVersion, tooLarge } from './listOptions.js';

/** GET of a collection: selectors, pages, and the past where it is still known. */
export function listObjects(core: Core, call: Call, options: ListOptions): Answer {
  const asked = parseResourceVersion(options.resourceVersion);
  if (asked > core.store.revision && options.continueToken === '') throw tooLarge(asked, core.store.revision);
  const start = startOf(core, options, asked);
  const bucket = core.store.bucket(call.row.storageKey);
  const state = start.revision === core.store.revision ? bucket.list() : bucket.listAt(start.revision);
  if (state === undefined) {
    throw options.continueToken === '' ? listTooOld() : continueTooOld(start.after);
  }
  const prefix = call.namespace === '' ? '' : `${call.namespace}/`;
  const remaining = state.filter(
    (object) =>
      (prefix === '' || object.metadata.namespace === call.namespace) &&
      (start.after === '' || keyOfObject(object) > start.after),
  );
  return page(call, options, remaining, start.revision);
}

interface Start {
  readonly revision: number;
  /** The key after which the page begins. */
  readonly after: string;
}

function startOf(core: Core, options: ListOptions, asked: number): Start {
  if (options.continueToken !== '') {
    const token = decodeContinue(options.continueToken);
    if (asked > 0) {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    const revision = token.revision > 0 ? token.revision : core.store.revision;
    return { revision, after: token.after };
  }
  const exact =
    options.resourceVersionMatch === 'Exact' ||
    (options.limit > 0 && asked > 0 && options.resourceVersionMatch === '');
  return { revision: exact ? asked : core.store.revision, after: '' };
}

function page(call: Call, options: ListOptions, remaining: readonly KubeObject[], revision: number): Answer {
  const items: KubeObject[] = [];
  // What any state will do for comes whole from the cache.
  const limit = options.resourceVersion === '0' && options.continueToken === '' ? 0 : options.limit;
  let index = 0;
  for (; index < remaining.length; index++) {
    const object = remaining[index];
    if (object === undefined || !options.matches(object)) continue;
    if (limit > 0 && items.length === limit) break;
    items.push(object);
  }
  const last = items.at(-1);
  const more = index < remaining.length && last !== undefined;
  const metadata: ListMeta = {
    resourceVersion: String(revision),
    ...(more ? { continue: encodeContinue({ revision, after: keyOfObject(last) }) } : {}),
    ...(more && !options.selective ? { remainingItemCount: remaining.length - index } : {}),
  };
  return { kind: 'list', row: call.row, items, metadata };
}

function keyOfObject({ metadata }: KubeObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

function listTooOld(): StatusError {
  const message = 'The resourceVersion for the provided list is too old.';
  return failure({ code: 410, reason: 'Expired', message });
}

function continueTooOld(after: string): StatusError {
  const error = failure({
    code: 410,
    reason: 'Expired',
    message:
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  });
  error.status.metadata['continue'] = encodeContinue({ revision: 0, after });
  return error;
}
