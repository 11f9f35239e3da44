/**
 * What Go's decoder does to a typed object before anything else sees it: a value of the wrong type is refused in its
 * words, and what the zero value would say again (null, empty lists and maps) is not there.
 */
import { isObject, type JsonObject, setOwn } from '../json.js';
import { type Definition, definitionName, definitions, shortName } from '../schema/builtin.js';
import { badRequest } from '../status.js';
import { unreadableText } from '../validation/index.js';
import type { Target } from './target.js';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** Throws 400; changes the object in place. A custom resource is typed in its metadata alone. */
export function checkTypes(object: JsonObject, target: Target): void {
  const prefix = `${target.kind} in version ${JSON.stringify(target.version)} cannot be handled as a ${target.kind}`;
  if (target.custom) {
    new TypeCheck(prefix).struct(META, object['metadata'], [], { inMetadata: true });
    return;
  }
  const name = definitionName(target.group, target.version, target.kind);
  if (definitions[name] !== undefined) new TypeCheck(prefix).struct(name, object, [], {});
}

/** Times that Go writes even when they are not set. */
const WRITTEN_NULL: ReadonlySet<string> = new Set([
  'lastProbeTime',
  'eventTime',
  'firstTimestamp',
  'lastTimestamp',
]);

interface Place {
  readonly struct: string;
  readonly path: readonly string[];
}

class TypeCheck {
  constructor(private readonly prefix: string) {}

  struct(name: string, value: unknown, path: readonly string[], { inMetadata = false }): void {
    const definition = definitions[name];
    if (definition?.properties === undefined) return;
    if (!isObject(value)) {
      if (inMetadata) this.refuse(value, { struct: '', path: [] }, `v1.${shortName(name)}`);
      return;
    }
    const required = new Set(definition.required ?? []);
    for (const [field, node] of Object.entries(definition.properties)) {
      const item = value[field];
      if (item === undefined) continue;
      if (item === null) {
        if (!required.has(field) && !WRITTEN_NULL.has(field)) delete value[field];
        continue;
      }
      this.value(node, item, { struct: shortName(name), path: [...path, field] });
      if (!required.has(field) && field !== 'managedFields' && isEmptyCollection(node, item))
        delete value[field];
    }
  }

  private value(node: Definition, value: unknown, place: Place): void {
    if (value === null) return;
    if (node.$ref !== undefined) {
      if (definitions[node.$ref]?.properties === undefined) return;
      if (!isObject(value)) this.refuse(value, place, goType(node));
      this.struct(node.$ref, value, place.path, {});
      return;
    }
    if (node.items !== undefined) {
      if (!Array.isArray(value)) this.refuse(value, place, goType(node));
      for (const [index, item] of value.entries()) {
        if (item === null) value[index] = zeroOf(node.items);
        else this.value(node.items, item, place);
      }
      return;
    }
    if (node.additionalProperties !== undefined) {
      if (!isObject(value)) this.refuse(value, place, goType(node));
      for (const [key, item] of Object.entries(value)) {
        if (item === null && node.additionalProperties.type === 'string') setOwn(value, key, '');
        else this.value(node.additionalProperties, item, place);
      }
      return;
    }
    this.scalar(node, value, place);
  }

  private scalar(node: Definition, value: unknown, place: Place): void {
    if (node['x-kubernetes-int-or-string'] === true) {
      if (typeof value !== 'string' && !Number.isInteger(value)) this.refuse(value, place, 'int32');
      return;
    }
    if (node.type === undefined) return;
    if (node.format === 'quantity' && typeof value === 'number') return;
    if (node.format === 'date-time' && typeof value !== 'string') this.refuse(value, place, 'string');
    if (node.format === 'byte' && typeof value === 'string') this.base64(value);
    const fits =
      node.type === 'integer'
        ? Number.isInteger(value)
        : node.type === 'object' || typeof value === node.type || node.type === 'array';
    if (!fits) this.refuse(value, place, goType(node));
    const problem = typeof value === 'string' ? unreadableText(node.format, value) : undefined;
    if (problem !== undefined) throw badRequest(`${this.prefix}: ${problem}`);
  }

  private base64(value: string): void {
    const padded = value.length % 4 === 0;
    const bad = /[^A-Za-z0-9+/=\r\n]/.exec(value)?.index ?? (padded ? -1 : value.length);
    if (bad >= 0) throw badRequest(`${this.prefix}: illegal base64 data at input byte ${bad}`);
  }

  private refuse(value: unknown, { struct, path }: Place, type: string): never {
    const where = struct === '' ? '' : ` struct field ${struct}.${path.join('.')}`;
    const into = where === '' ? ' value' : where;
    throw badRequest(
      `${this.prefix}: json: cannot unmarshal ${goValue(value)} into Go${into} of type ${type}`,
    );
  }
}

/** What a null in a list becomes. */
function zeroOf(node: Definition): unknown {
  if (node.$ref !== undefined && definitions[node.$ref]?.properties !== undefined) return {};
  return node.type === 'string' ? '' : null;
}

function isEmptyCollection(node: Definition, value: unknown): boolean {
  if (node.items !== undefined) return Array.isArray(value) && value.length === 0;
  return node.additionalProperties !== undefined && isObject(value) && Object.keys(value).length === 0;
}

/** How encoding/json names what it found. */
function goValue(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'number' && !Number.isInteger(value) ? `number ${value}` : typeof value;
}

function goType(node: Definition): string {
  if (node.$ref !== undefined) {
    const parts = node.$ref.split('.');
    return parts.slice(-2).join('.');
  }
  if (node.items !== undefined) return `[]${goType(node.items)}`;
  if (node.additionalProperties !== undefined) return `map[string]${goType(node.additionalProperties)}`;
  if (node.type === 'boolean') return 'bool';
  if (node.type === 'integer') return node.format ?? 'int64';
  if (node.type === 'number') return 'float64';
  return node.type ?? 'interface {}';
}
