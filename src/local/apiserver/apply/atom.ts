/** How a value merges: what structured-merge-diff calls an atom, read off a schema and the value itself. */
import { isObject } from '../json.js';
import type { Schema } from '../schema/index.js';

export interface ScalarAtom {
  readonly kind: 'scalar';
}

export interface ListAtom {
  readonly kind: 'list';
  /** Replaced as a whole. */
  readonly atomic: boolean;
  /** The fields that tell items apart; undefined in a set, whose items are scalars. */
  readonly keys?: readonly string[];
  readonly items: Schema | undefined;
}

export interface MapAtom {
  readonly kind: 'map';
  readonly atomic: boolean;
  /** Declared fields. */
  readonly fields: Readonly<Record<string, Schema>>;
  /** Whether fields that are not declared may be there, and their schema. */
  readonly open: boolean;
  readonly element: Schema | undefined;
}

export type Atom = ScalarAtom | ListAtom | MapAtom;

const SCALAR: ScalarAtom = { kind: 'scalar' };
const UNTYPED_MAP: MapAtom = { kind: 'map', atomic: false, fields: {}, open: true, element: undefined };
const UNTYPED_LIST: ListAtom = { kind: 'list', atomic: true, items: undefined };

/** The atom a schema declares, or undefined where any type may stand. */
export function declaredAtom(schema: Schema | undefined): Atom | undefined {
  if (schema === undefined || schema['x-kubernetes-int-or-string'] === true) return undefined;
  switch (schema.type) {
    case 'object':
      return mapAtom(schema);
    case 'array':
      return listAtom(schema);
    case undefined:
      return undefined;
    default:
      return SCALAR;
  }
}

function mapAtom(schema: Schema): MapAtom {
  const { additionalProperties } = schema;
  const preserves = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const element = typeof additionalProperties === 'object' ? additionalProperties : undefined;
  return {
    kind: 'map',
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    fields: schema.properties ?? {},
    open: preserves || element !== undefined || additionalProperties === true,
    element,
  };
}

function listAtom(schema: Schema): ListAtom {
  const type = schema['x-kubernetes-list-type'] ?? 'atomic';
  const keys = schema['x-kubernetes-list-map-keys'];
  return {
    kind: 'list',
    atomic: type === 'atomic',
    ...(type === 'map' && keys !== undefined ? { keys } : {}),
    items: schema.items,
  };
}

/** The atom of a value: the declared one where the value has its shape, else what the value looks like. */
export function atomOf(schema: Schema | undefined, value: unknown): Atom {
  const declared = declaredAtom(schema);
  if (isObject(value)) return declared?.kind === 'map' ? declared : UNTYPED_MAP;
  if (Array.isArray(value)) return declared?.kind === 'list' ? declared : UNTYPED_LIST;
  return SCALAR;
}

/** The schema of a map's entry. */
export function fieldSchema(map: MapAtom, name: string): Schema | undefined {
  return isDeclared(map, name) ? map.fields[name] : map.element;
}

export function isDeclared(map: MapAtom, name: string): boolean {
  return Object.hasOwn(map.fields, name);
}
