/** Example bodies made from a model's signature and from the examples of its features. */
import type { Datatype, JsonSchema, ModelSignature } from '../protocol/index.js';

/** Larger tensors make no example that anyone reads. */
const MAX_ELEMENTS = 1024;

/** A V2 request for one row of zeros; undefined when the model's inputs are large or do not travel in JSON. */
export function inferExample(signature: ModelSignature): object | undefined {
  const inputs = signature.inputs.map(({ name, datatype, shape: declared }) => {
    const shape = declared.map((dimension) => (dimension === -1 ? 1 : dimension));
    return { name, shape, datatype, data: zeros(datatype, shape) };
  });
  return inputs.some(({ data }) => data === undefined) ? undefined : { inputs };
}

function zeros(datatype: Datatype, shape: readonly number[]): readonly unknown[] | undefined {
  const count = shape.reduce((product, dimension) => product * dimension, 1);
  if (count > MAX_ELEMENTS || datatype === 'FP16' || datatype === 'BF16') return undefined;
  return new Array<unknown>(count).fill(zero(datatype));
}

function zero(datatype: Datatype): unknown {
  if (datatype === 'BYTES') return '';
  return datatype === 'BOOL' ? false : 0;
}

/** A value that the schema of a row allows: its own example or default, or the plainest one in its range. */
export function exampleOf(schema: JsonSchema): unknown {
  const { examples, default: preset, enum: allowed, type, properties } = schema;
  if (Array.isArray(examples)) return examples[0];
  if (preset !== undefined) return preset;
  if (Array.isArray(allowed)) return allowed[0];
  if (type === 'object') {
    const members = Object.entries((properties ?? {}) as Record<string, JsonSchema>);
    return Object.fromEntries(members.map(([name, member]) => [name, exampleOf(member)]));
  }
  if (type === 'array') {
    const size = Math.min(typeof schema.minItems === 'number' ? schema.minItems : 1, MAX_ELEMENTS);
    return Array.from({ length: size }, () => exampleOf(schema.items as JsonSchema));
  }
  if (type === 'string') return '';
  return type === 'boolean' ? false : numberIn(schema);
}

function numberIn({ minimum, maximum }: JsonSchema): number {
  if (typeof minimum === 'number' && minimum > 0) return minimum;
  return typeof maximum === 'number' && maximum < 0 ? maximum : 0;
}
