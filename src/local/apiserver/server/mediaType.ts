/** Content negotiation: which of the formats a client accepts it gets. */
import { failure, notAcceptable } from '../status.js';

export type Format = 'json' | 'yaml';

/** What an answer is turned into before it is written; `g` is always meta.k8s.io. */
export interface Transform {
  readonly as: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  readonly version: 'v1' | 'v1beta1';
}

export interface Negotiated {
  readonly format: Format;
  readonly transform?: Transform;
  readonly pretty: boolean;
}

interface Clause {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly quality: number;
}

const FORMATS: Readonly<Record<string, Format>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  '*/*': 'json',
};
/** Named in refusals as the real server names them, though protobuf is not spoken here. */
export const ACCEPTED_TYPES = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
] as const;

const TRANSFORMS: readonly string[] = ['Table', 'PartialObjectMetadata', 'PartialObjectMetadataList'];

export function parseAccept(header: string): Clause[] {
  return header
    .split(',')
    .map((clause) => {
      const [type = '', ...rest] = clause.split(';').map((part) => part.trim());
      const parameters: Record<string, string> = {};
      for (const parameter of rest) {
        const equals = parameter.indexOf('=');
        if (equals > 0) parameters[parameter.slice(0, equals)] = parameter.slice(equals + 1);
      }
      return { type: type.toLowerCase(), parameters, quality: Number(parameters['q'] ?? 1) };
    })
    .sort((a, b) => b.quality - a.quality);
}

function transformOf({ parameters }: Clause): Transform | 'none' | 'unknown' {
  const { as, g, v } = parameters;
  if (as === undefined) return 'none';
  if (g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1') || !TRANSFORMS.includes(as)) return 'unknown';
  return { as: as as Transform['as'], version: v };
}

/**
 * The best clause that can be served. Throws 406 in the words of the layer that refuses: the router for a type that
 * is unknown altogether, the handler for a transformation that is.
 */
export function negotiate(accept: string | undefined, pretty: boolean, custom: boolean): Negotiated {
  if (accept === undefined || accept === '') return { format: 'json', pretty };
  const clauses = parseAccept(accept);
  if (!custom && !clauses.some(({ type }) => type === '*/*' || isProduced(type))) {
    throw failure({ code: 406, reason: 'NotAcceptable', message: '406: Not Acceptable', details: {} });
  }
  for (const clause of clauses) {
    const format = FORMATS[clause.type] ?? (clause.type === 'application/*' ? 'json' : undefined);
    const transform = transformOf(clause);
    if (format === undefined || transform === 'unknown') continue;
    return transform === 'none' ? { format, pretty } : { format, transform, pretty };
  }
  throw notAcceptable(ACCEPTED_TYPES);
}

function isProduced(type: string): boolean {
  return (ACCEPTED_TYPES as readonly string[]).includes(type);
}

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
};
