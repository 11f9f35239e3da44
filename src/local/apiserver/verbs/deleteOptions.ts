import { isObject, type JsonObject, objectAt } from '../json.js';
import { parseJson } from '../patch/index.js';
import { bodyFormat } from '../server/body.js';
import { badRequest, type FieldError, invalid, unexpected } from '../status.js';
import { parse as parseYaml } from 'yaml';
import type { Call } from './call.js';
import { booleanParameter, integerParameter } from './listOptions.js';
import { dryRunErrors } from './requestOptions.js';

export interface DeleteOptions {
  readonly gracePeriodSeconds: number | undefined;
  readonly propagationPolicy: 'Orphan' | 'Background' | 'Foreground' | undefined;
  readonly dryRun: boolean;
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string };
}

const POLICIES = ['Foreground', 'Background', 'Orphan'];
const SCHEME = 'k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27';

/** The options of a DELETE: from the body when there is one, otherwise from the query. Throws 400, 422 and 500. */
export function parseDeleteOptions(call: Call): DeleteOptions {
  const raw = call.body.length > 0 ? fromBody(call) : fromQuery(call.query);
  const errors = optionErrors(raw);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
  const preconditions = objectAt(raw, 'preconditions');
  const { uid, resourceVersion } = preconditions ?? {};
  return {
    gracePeriodSeconds: typeof raw['gracePeriodSeconds'] === 'number' ? raw['gracePeriodSeconds'] : undefined,
    propagationPolicy: policyOf(raw),
    dryRun: Array.isArray(raw['dryRun']) && raw['dryRun'].length > 0,
    preconditions: {
      ...(typeof uid === 'string' ? { uid } : {}),
      ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    },
  };
}

function policyOf(raw: JsonObject): DeleteOptions['propagationPolicy'] {
  if (typeof raw['propagationPolicy'] === 'string') {
    return raw['propagationPolicy'] as DeleteOptions['propagationPolicy'];
  }
  if (typeof raw['orphanDependents'] !== 'boolean') return undefined;
  return raw['orphanDependents'] ? 'Orphan' : 'Background';
}

function fromQuery(query: URLSearchParams): JsonObject {
  const raw: JsonObject = {};
  const grace = integerParameter(query.get('gracePeriodSeconds'));
  if (grace !== undefined) raw['gracePeriodSeconds'] = grace;
  if (query.has('propagationPolicy')) raw['propagationPolicy'] = query.get('propagationPolicy');
  if (query.has('orphanDependents'))
    raw['orphanDependents'] = booleanParameter(query.get('orphanDependents'));
  if (query.has('dryRun')) raw['dryRun'] = query.getAll('dryRun');
  return raw;
}

function fromBody(call: Call): JsonObject {
  const text = Buffer.from(call.body).toString('utf8');
  const value = bodyFormat(call.contentType) === 'yaml' ? (parseYaml(text) as unknown) : jsonOf(text);
  if (!isObject(value)) throw badRequest('the body of a delete must be DeleteOptions');
  const kind = value['kind'];
  const apiVersion = value['apiVersion'];
  if (kind !== undefined && kind !== 'DeleteOptions') {
    throw unexpected(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme ${JSON.stringify(SCHEME)}`,
    );
  }
  return value;
}

function jsonOf(text: string): unknown {
  const parsed = parseJson(text);
  if ('error' in parsed) throw unexpected(`couldn't get version/kind; json parse error: ${parsed.error}`);
  return parsed.value;
}

function optionErrors(raw: JsonObject): FieldError[] {
  const errors = dryRunErrors(Array.isArray(raw['dryRun']) ? raw['dryRun'].map(String) : []);
  const policy = raw['propagationPolicy'];
  if (policy !== undefined && raw['orphanDependents'] !== undefined) {
    errors.push({
      reason: 'FieldValueInvalid',
      field: 'propagationPolicy',
      message: `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set`,
    });
  } else if (policy !== undefined && !(POLICIES as readonly unknown[]).includes(policy)) {
    const supported = [...POLICIES, 'nil'].map((each) => JSON.stringify(each)).join(', ');
    errors.push({
      reason: 'FieldValueNotSupported',
      field: 'propagationPolicy',
      message: `Unsupported value: ${JSON.stringify(policy)}: supported values: ${supported}`,
    });
  }
  return errors;
}
