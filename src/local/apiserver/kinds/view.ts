/** How a row shows what is stored: in its own group and version, with the defaults its schema has gained since. */
import type { KubeObject } from '../../../kube/index.js';
import { apiVersionOf, type KindRow } from './kind.js';
import { eventFromStored, eventToStored } from './eventView.js';

const views = new WeakMap<KubeObject, { readonly row: KindRow; readonly view: KubeObject }>();

/** The stored object as the row's clients see it. The same value for the same object and row. */
export function viewOf(object: KubeObject, row: KindRow): KubeObject {
  const known = views.get(object);
  if (known?.row === row) return known.view;
  const view = makeView(object, row);
  if (view !== object) views.set(object, { row, view });
  return view;
}

function makeView(object: KubeObject, row: KindRow): KubeObject {
  if (row.group === 'events.k8s.io') return eventFromStored(object, apiVersionOf(row));
  return row.readDefaults === undefined ? object : row.readDefaults(object);
}

/** The object as it is stored, from what a client of the row sent. */
export function storedOf(object: KubeObject, row: KindRow): KubeObject {
  if (row.group === 'events.k8s.io') return eventToStored(object);
  if (row.custom === undefined || row.custom.storageVersion === row.version) return object;
  return { ...object, apiVersion: `${row.group}/${row.custom.storageVersion}` };
}
