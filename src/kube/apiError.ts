import type { Status } from './object.js';
import type { ApiResponse } from './transport.js';

const MAX_QUOTED_TEXT = 200;

/** An answer that is not 2xx, or an ERROR event of a watch: the server's own words, code and reason. */
export class ApiError extends Error {
  /** HTTP status code. */
  readonly status: number;
  /** meta/v1 StatusReason, such as `NotFound`; empty when the answer was no Status. */
  readonly reason: string;
  readonly body: Status;
  /** How long the server asks to be left alone, in milliseconds. */
  readonly retryAfterMs?: number;

  constructor(body: Status, retryAfterMs?: number) {
    super(body.message ?? body.reason ?? `the API server answered ${body.code ?? 'with an error'}`);
    this.name = 'ApiError';
    this.status = body.code ?? 500;
    this.reason = body.reason ?? '';
    this.body = body;
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
  }
}

/** The error in an answer whose body is `text`; a proxy's page or an empty body becomes a Status too. */
export function apiErrorOf(response: Pick<ApiResponse, 'status' | 'headers'>, text: string): ApiError {
  const parsed = parseStatus(text);
  const body: Status = parsed ?? {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: unstructuredMessage(response.status, text),
    code: response.status,
  };
  const seconds = Number(response.headers['retry-after'] ?? body.details?.retryAfterSeconds);
  const retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
  return new ApiError({ ...body, code: body.code ?? response.status }, retryAfterMs);
}

/** The error an ERROR event of a watch carries; `object` is whatever stood in the event. */
export function apiErrorOfEvent(object: unknown): ApiError {
  return apiErrorOf({ status: 500, headers: {} }, JSON.stringify(object) ?? '');
}

function parseStatus(text: string): Status | undefined {
  try {
    const value = JSON.parse(text) as Partial<Status> | null;
    return typeof value === 'object' && value?.kind === 'Status' ? (value as Status) : undefined;
  } catch {
    return undefined;
  }
}

function unstructuredMessage(status: number, text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const quoted = line.length > MAX_QUOTED_TEXT ? `${line.slice(0, MAX_QUOTED_TEXT)}…` : line;
  return quoted === '' ? `the API server answered ${status}` : `the API server answered ${status}: ${quoted}`;
}

function hasReason(error: unknown, ...reasons: string[]): error is ApiError {
  return error instanceof ApiError && reasons.includes(error.reason);
}

function hasStatus(error: unknown, status: number): error is ApiError {
  return error instanceof ApiError && error.status === status;
}

export function isNotFound(error: unknown): error is ApiError {
  return hasStatus(error, 404);
}

export function isAlreadyExists(error: unknown): error is ApiError {
  return hasReason(error, 'AlreadyExists');
}

/** A write lost against another one (a stale resourceVersion, or a field that another manager owns). */
export function isConflict(error: unknown): error is ApiError {
  return hasStatus(error, 409) && !isAlreadyExists(error);
}

/** The resourceVersion or the continue token is too old: list again. */
export function isGone(error: unknown): error is ApiError {
  return hasStatus(error, 410) || hasReason(error, 'Expired', 'Gone');
}

export function isUnauthorized(error: unknown): error is ApiError {
  return hasStatus(error, 401);
}

export function isForbidden(error: unknown): error is ApiError {
  return hasStatus(error, 403);
}

/** The object breaks the schema or a validation rule: repeating the request cannot help. */
export function isInvalid(error: unknown): error is ApiError {
  return hasStatus(error, 422);
}

export function isTooManyRequests(error: unknown): error is ApiError {
  return hasStatus(error, 429);
}

/** The namespace is being deleted, so nothing can be created in it. */
export function isNamespaceTerminating(error: unknown): error is ApiError {
  return (
    isForbidden(error) &&
    (error.body.details?.causes ?? []).some((cause) => cause.reason === 'NamespaceTerminating')
  );
}
