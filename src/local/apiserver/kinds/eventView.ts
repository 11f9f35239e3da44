/** Events are one set of objects behind two APIs: core/v1 (how they are stored) and events.k8s.io/v1. */
import type { KubeObject } from '../../../kube/index.js';

/** events.k8s.io/v1 name -> core/v1 name. */
const RENAMED: readonly (readonly [string, string])[] = [
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
];

function renamed(
  object: KubeObject,
  names: readonly (readonly [string, string])[],
  apiVersion: string,
): KubeObject {
  const result: KubeObject = { ...object, apiVersion };
  for (const [from, to] of names) {
    if (!(from in result)) continue;
    const value = result[from];
    delete result[from];
    result[to] = value;
  }
  return result;
}

export function eventFromStored(object: KubeObject, apiVersion: string): KubeObject {
  const view = renamed(
    object,
    RENAMED.map(([events, core]) => [core, events]),
    apiVersion,
  );
  for (const field of ['reportingController', 'reportingInstance'])
    if (view[field] === '') delete view[field];
  return view;
}

/** Fields of a core/v1 Event that are written even when they are not set. */
const EMPTY = {
  source: {},
  firstTimestamp: null,
  lastTimestamp: null,
  reportingComponent: '',
  reportingInstance: '',
};

export function eventToStored(object: KubeObject): KubeObject {
  return { ...EMPTY, ...renamed(object, RENAMED, 'v1') };
}
