/** Refusals of the API server, in its own words: meta/v1 Status values and the field errors inside an Invalid one. */
import type { Status } from '../../kube/index.js';

/** One entry of k8s.io/apimachinery/pkg/util/validation/field. */
export interface FieldError {
  /** `FieldValueInvalid`, `FieldValueRequired`, … */
  readonly reason: string;
  /** `spec.template.spec.containers[0].name` */
  readonly field: string;
  /** As printed after the field: `Invalid value: "x": must be …`. */
  readonly message: string;
}

/** Thrown inside the API server and answered as it is; nothing else may reach a client. */
export class StatusError extends Error {
  readonly status: Status;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: Status, headers: Readonly<Record<string, string>> = {}) {
    super(status.message ?? '');
    this.name = 'StatusError';
    this.status = status;
    this.headers = headers;
  }
}

/** What a refusal is about: enough of a KindRow for its words. */
export interface ResourceName {
  readonly group: string;
  readonly plural: string;
}

export interface KindName {
  readonly group: string;
  readonly kind: string;
}

interface Failure {
  readonly code: number;
  readonly reason?: string;
  readonly message: string;
  readonly details?: Status['details'];
}

/** The Status of a failure; empty parts are left out, as Go's omitempty does. */
export function failure({ code, reason, message, details }: Failure): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  });
}

function qualified({ group, plural }: ResourceName): string {
  return group === '' ? plural : `${plural}.${group}`;
}

function detailsOf({ group, plural }: ResourceName, name: string): NonNullable<Status['details']> {
  return {
    ...(name === '' ? {} : { name }),
    ...(group === '' ? {} : { group }),
    kind: plural,
  };
}

export function notFound(resource: ResourceName, name: string): StatusError {
  const message = `${qualified(resource)} ${JSON.stringify(name)} not found`;
  return failure({ code: 404, reason: 'NotFound', message, details: detailsOf(resource, name) });
}

/** No such path: neither a kind nor a subresource is served there. */
export function noSuchResource(): StatusError {
  return failure({
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
    details: {},
  });
}

export function alreadyExists(resource: ResourceName, name: string): StatusError {
  const message = `${qualified(resource)} ${JSON.stringify(name)} already exists`;
  return failure({ code: 409, reason: 'AlreadyExists', message, details: detailsOf(resource, name) });
}

export const OBJECT_MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

export function conflict(resource: ResourceName, name: string, why: string = OBJECT_MODIFIED): StatusError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} ${JSON.stringify(name)}: ${why}`;
  return failure({ code: 409, reason: 'Conflict', message, details: detailsOf(resource, name) });
}

/** Server-side apply met fields of other managers; each cause names a field and its manager. */
export function applyConflict(
  message: string,
  causes: NonNullable<NonNullable<Status['details']>['causes']>,
): StatusError {
  return failure({ code: 409, reason: 'Conflict', message, details: { causes } });
}

/** `Kind "name" is invalid: …` with a cause for each error, in the order given. */
export function invalid(
  kind: KindName,
  name: string | undefined,
  errors: readonly FieldError[],
): StatusError {
  const qualifiedKind = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  const list = texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
  return failure({
    code: 422,
    reason: 'Invalid',
    message: `${qualifiedKind} ${JSON.stringify(name ?? '')} is invalid: ${list}`,
    details: {
      ...(name === undefined || name === '' ? {} : { name }),
      ...(kind.group === '' ? {} : { group: kind.group }),
      ...(kind.kind === '' ? {} : { kind: kind.kind }),
      causes: errors.map((error) => ({
        reason: error.reason,
        message: error.message,
        field: error.field,
      })),
    },
  });
}

export function badRequest(message: string): StatusError {
  return failure({ code: 400, reason: 'BadRequest', message });
}

export function unauthorized(): StatusError {
  return failure({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' });
}

export function forbidden(resource: ResourceName, name: string, why: string): StatusError {
  const message = `${qualified(resource)} ${JSON.stringify(name)} is forbidden: ${why}`;
  return failure({ code: 403, reason: 'Forbidden', message, details: detailsOf(resource, name) });
}

export function methodNotSupported(resource: ResourceName, action: string): StatusError {
  const message = `${action} is not supported on resources of kind ${JSON.stringify(qualified(resource))}`;
  return failure({ code: 405, reason: 'MethodNotAllowed', message, details: detailsOf(resource, '') });
}

/** The verb exists for other kinds, not here. */
export function methodNotAllowed(): StatusError {
  return failure({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
    details: {},
  });
}

/** A resourceVersion, or a continue token, from before the last compaction. */
export function expired(message: string): StatusError {
  return failure({ code: 410, reason: 'Expired', message });
}

export function requestTooLarge(message: string): StatusError {
  return failure({ code: 413, reason: 'RequestEntityTooLarge', message });
}

export function notAcceptable(accepted: readonly string[]): StatusError {
  const message = `only the following media types are accepted: ${accepted.join(', ')}`;
  return failure({ code: 406, reason: 'NotAcceptable', message });
}

export function unsupportedMediaType(message: string): StatusError {
  return failure({ code: 415, reason: 'UnsupportedMediaType', message });
}

/** An error the API server has no Status for: 500 with the bare message. */
export function unexpected(message: string): StatusError {
  return failure({ code: 500, message });
}

export function internalError(message: string): StatusError {
  return failure({
    code: 500,
    reason: 'InternalError',
    message: `Internal error occurred: ${message}`,
    details: { causes: [{ message }] },
  });
}

export function timeout(message: string, retryAfterSeconds: number): StatusError {
  const details = { retryAfterSeconds };
  return failure({ code: 504, reason: 'Timeout', message: `Timeout: ${message}`, details });
}
