/** CustomResourceDefinitions at work: their names judged, their kinds served, their objects deleted with them. */
import type { KubeObject } from '../../../kube/index.js';
import {
  CLEANUP_FINALIZER,
  type Definition,
  isTerminating,
  kindsOfCrd,
  settleCrd,
  terminatingStatus,
} from '../crd/index.js';
import { equalJson } from '../json.js';
import { builtinKind, CRD_STORAGE_KEY } from '../kinds/kinds.js';
import type { KindRow } from '../kinds/kind.js';
import { type Core, timestamp } from './call.js';
import { deleteStored } from './delete.js';
import { normalObject } from './metadata.js';
import { removeObject } from './remove.js';

const DEFINITION_ROW = builtinKind('apiextensions.k8s.io/v1', 'CustomResourceDefinition');

function definitionsOf(core: Core): Definition[] {
  return core.store.bucket(CRD_STORAGE_KEY).list() as Definition[];
}

/** Serves the kinds of the definitions an earlier process left. */
export function restoreDefinitions(core: Core): void {
  for (const definition of definitionsOf(core)) serve(core, definition);
}

/** Called after each write, before its answer. */
export function followDefinitions(core: Core, row: KindRow, object: KubeObject, removed: boolean): void {
  if (row.storageKey === CRD_STORAGE_KEY) {
    const definition = object as Definition;
    if (removed) forget(core, definition);
    else if (definition.metadata.deletionTimestamp !== undefined) terminate(core, definition);
    else settle(core, definition);
    return;
  }
  if (row.custom !== undefined && removed) finishTermination(core, row.custom.definition);
}

function serve(core: Core, definition: Definition): void {
  core.kinds.setCustom(definition.metadata.name, kindsOfCrd(definition));
}

function settle(core: Core, definition: Definition): void {
  const status = settleCrd(definition, definitionsOf(core), timestamp(core.clock));
  const settled = equalJson(status, definition.status) ? definition : store(core, { ...definition, status });
  serve(core, settled);
}

function store(core: Core, definition: Definition): Definition {
  return core.store.put(CRD_STORAGE_KEY, normalObject(definition)) as Definition;
}

/** The names it held are free for others of its group. */
function forget(core: Core, definition: Definition): void {
  core.kinds.setCustom(definition.metadata.name, []);
  for (const other of definitionsOf(core)) {
    if (other.spec.group === definition.spec.group) settle(core, other);
  }
}

function terminate(core: Core, definition: Definition): void {
  if (!(definition.metadata.finalizers ?? []).includes(CLEANUP_FINALIZER)) return;
  const now = timestamp(core.clock);
  const status = terminatingStatus(definition, 'inProgress', now);
  const marked = equalJson(status, definition.status) ? definition : store(core, { ...definition, status });
  serve(core, marked);
  const row = kindsOfCrd(marked)[0];
  if (row !== undefined) {
    for (const object of core.store.bucket(row.storageKey).list()) {
      if (object.metadata.deletionTimestamp !== undefined) continue;
      deleteStored(core, row, object, {
        gracePeriodSeconds: undefined,
        propagationPolicy: undefined,
        dryRun: false,
        preconditions: {},
      });
    }
  }
  finishTermination(core, definition.metadata.name);
}

/** Removes the clean-up finalizer once the last object is gone. */
function finishTermination(core: Core, name: string): void {
  const definition = core.store.bucket(CRD_STORAGE_KEY).get(name) as Definition | undefined;
  if (definition === undefined || !isTerminating(definition) || DEFINITION_ROW === undefined) return;
  if (definition.metadata.deletionTimestamp === undefined) return;
  const row = kindsOfCrd(definition)[0];
  if (row !== undefined && core.store.bucket(row.storageKey).size > 0) return;
  const finalizers = (definition.metadata.finalizers ?? []).filter((each) => each !== CLEANUP_FINALIZER);
  if (finalizers.length === 0) removeObject(core, DEFINITION_ROW, name);
  else if (finalizers.length !== definition.metadata.finalizers?.length) {
    store(core, { ...definition, metadata: { ...definition.metadata, finalizers } });
  }
}
