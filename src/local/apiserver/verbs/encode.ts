/** Objects to JSON text, remembered per object: a watch's event is serialised once however many watch it. */
import { apiVersionOf, type KindRow } from '../kinds/kind.js';
import { viewOf } from '../kinds/view.js';
import type { KubeObject } from '../../../kube/index.js';

const full = new WeakMap<KubeObject, string>();
const partial = new WeakMap<KubeObject, string>();

function remembered(cache: WeakMap<KubeObject, string>, object: KubeObject, make: () => string): string {
  const known = cache.get(object);
  if (known !== undefined) return known;
  const text = make();
  cache.set(object, text);
  return text;
}

/** The object as the row shows it, as JSON. */
export function objectText(object: KubeObject, row: KindRow): string {
  const view = viewOf(object, row);
  return remembered(full, view, () => JSON.stringify(view));
}

/** As a list shows it: built-in kinds leave apiVersion and kind to the list. */
export function itemText(object: KubeObject, row: KindRow): string {
  const text = objectText(object, row);
  if (row.custom !== undefined) return text;
  const head = `{"kind":"${row.kind}","apiVersion":"${apiVersionOf(row)}",`;
  if (text.startsWith(head)) return `{${text.slice(head.length)}`;
  return JSON.stringify({ ...viewOf(object, row), apiVersion: undefined, kind: undefined });
}

/** PartialObjectMetadata of the object, as JSON. */
export function partialText(object: KubeObject, version: string): string {
  const make = () =>
    JSON.stringify({
      kind: 'PartialObjectMetadata',
      apiVersion: `meta.k8s.io/${version}`,
      metadata: object.metadata,
    });
  return version === 'v1' ? remembered(partial, object, make) : make();
}

/** An object of this kind with nothing but a resourceVersion. */
export function emptyObject(row: KindRow, resourceVersion: string): KubeObject {
  return {
    kind: row.kind,
    apiVersion: apiVersionOf(row),
    metadata: { resourceVersion } as KubeObject['metadata'],
  };
}
