/** metav1.ListOptions from a query string, with the server's checks and words. */
import type { KubeObject } from '../../../kube/index.js';
import type { KindRow } from '../kinds/kind.js';
import { badRequest, failure, type FieldError, invalid, type StatusError } from '../status.js';
import { checkFieldSelector, matchesFields, parseFieldSelector } from './fieldSelector.js';
import { parseLabelSelector } from './labelSelector.js';

export interface ListOptions {
  readonly matches: (object: KubeObject) => boolean;
  /** Whether `matches` is more than a constant. */
  readonly selective: boolean;
  /** 0: no limit. */
  readonly limit: number;
  readonly continueToken: string;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly watch: boolean;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
  /** Seconds. */
  readonly timeout: number | undefined;
}

/** Go's strconv.ParseBool, and the server's rule that anything else is true. */
export function booleanParameter(text: string | null): boolean {
  return text !== null && text !== '0' && text.toLowerCase() !== 'false';
}

/** Throws 400 in the words of strconv. */
export function integerParameter(text: string | null): number | undefined {
  if (text === null || text === '') return undefined;
  if (!/^[+-]?\d+$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

export function parseListOptions(query: URLSearchParams, row: KindRow, watchPath: boolean): ListOptions {
  const limit = integerParameter(query.get('limit')) ?? 0;
  const timeout = integerParameter(query.get('timeoutSeconds'));
  const watch = watchPath || booleanParameter(query.get('watch'));
  const sendInitialEvents = query.has('sendInitialEvents')
    ? booleanParameter(query.get('sendInitialEvents'))
    : undefined;
  const labels = parseLabelSelector(query.get('labelSelector'));
  const fields = parseFieldSelector(query.get('fieldSelector'));
  checkFieldSelector(row, fields);
  const options = {
    selective: labels !== undefined || fields.length > 0,
    matches: (object: KubeObject) =>
      (labels === undefined || labels(object.metadata.labels ?? {})) && matchesFields(object, fields),
    limit: Math.max(0, limit),
    continueToken: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    watch,
    allowWatchBookmarks: booleanParameter(query.get('allowWatchBookmarks')),
    sendInitialEvents,
    timeout: timeout === undefined || timeout <= 0 ? undefined : timeout,
  };
  const errors = listOptionErrors(options);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  return options;
}

function forbidden(field: string, why: string): FieldError {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${why}` };
}

/** k8s.io/apimachinery/pkg/apis/meta/internalversion/validation.ValidateListOptions */
function listOptionErrors(options: Omit<ListOptions, 'matches'>): FieldError[] {
  const { watch, resourceVersionMatch: match, resourceVersion, sendInitialEvents } = options;
  if (watch) return watchOptionErrors(options);
  const errors: FieldError[] = [];
  if (match !== '') {
    if (resourceVersion === '') {
      errors.push(
        forbidden(
          'resourceVersionMatch',
          'resourceVersionMatch is forbidden unless resourceVersion is provided',
        ),
      );
    }
    if (options.continueToken !== '') {
      errors.push(
        forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'),
      );
    }
    if (match !== 'Exact' && match !== 'NotOlderThan') errors.push(unsupportedMatch(match));
    if (match === 'Exact' && resourceVersion === '0') {
      errors.push(
        forbidden(
          'resourceVersionMatch',
          'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
        ),
      );
    }
  }
  if (sendInitialEvents !== undefined) {
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function unsupportedMatch(match: string): FieldError {
  return {
    reason: 'FieldValueNotSupported',
    field: 'resourceVersionMatch',
    message: `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""`,
  };
}

function watchOptionErrors({
  sendInitialEvents,
  resourceVersionMatch: match,
}: Omit<ListOptions, 'matches'>): FieldError[] {
  if (sendInitialEvents === undefined) {
    return match === ''
      ? []
      : [
          forbidden(
            'resourceVersionMatch',
            'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
          ),
        ];
  }
  if (match === 'NotOlderThan') return [];
  return [
    forbidden(
      'resourceVersionMatch',
      'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    ),
  ];
}

/** The number in a resourceVersion parameter; 0 for none. Throws 400. */
export function parseResourceVersion(text: string): number {
  if (text === '') return 0;
  if (/^\d+$/.test(text)) return Number(text);
  const quoted = JSON.stringify(text);
  throw badRequest(
    `invalid resource version: resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`,
  );
}

/** A resourceVersion from the future: 504 with a hint to come again. */
export function tooLarge(asked: number, current: number): StatusError {
  const error = failure({
    code: 504,
    reason: 'Timeout',
    message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
  return error;
}
