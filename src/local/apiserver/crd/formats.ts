/** Formats a schema names that nothing checks. Source: apiextensions-apiserver/pkg/apiserver/validation/formats.go. */
import type { Schema } from '../schema/index.js';
import { structuralNodes } from './schema-walk.js';

const SUPPORTED = new Set(
  (
    'bsonobjectid uri email hostname ipv4 ipv6 cidr mac uuid uuid3 uuid4 uuid5 isbn isbn10 isbn13 creditcard ssn ' +
    'hexcolor rgbcolor byte password date duration datetime k8s-short-name k8s-long-name'
  ).split(' '),
);

/** `unrecognized format "x"` for each, once. */
export function unknownFormats(schema: Schema): string[] {
  const warnings = new Set<string>();
  for (const { schema: node } of structuralNodes(schema, '')) {
    const { type, format } = node;
    if (type !== 'string' || format === undefined || format === '') continue;
    if (SUPPORTED.has(format) || SUPPORTED.has(format.replaceAll('-', ''))) continue;
    warnings.add(`unrecognized format ${JSON.stringify(format)}`);
  }
  return [...warnings];
}
