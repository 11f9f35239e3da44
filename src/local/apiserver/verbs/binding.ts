import { isObject, type JsonObject } from '../json.js';
import { badRequest, conflict, notFound } from '../status.js';
import { type Answer, type Call, type Core, keyOf, timestamp } from './call.js';

/** POST of pods/binding: how a scheduler gives a pod its node. Throws 400, 404 and 409. */
export function bindPod(core: Core, call: Call): Answer {
  const node = nodeOf(call);
  const pod = core.store.bucket(call.row.storageKey).get(keyOf(call));
  if (pod === undefined) throw notFound(call.row, call.name);
  const spec = isObject(pod['spec']) ? pod['spec'] : {};
  const place = `pod ${call.name}`;
  if (pod.metadata.deletionTimestamp !== undefined) {
    throw conflict(
      { ...call.row, plural: 'pods/binding' },
      call.name,
      `${place} is being deleted, cannot be assigned to a host`,
    );
  }
  if (typeof spec['nodeName'] === 'string' && spec['nodeName'] !== '') {
    const why = `${place} is already assigned to node ${JSON.stringify(spec['nodeName'])}`;
    throw conflict({ ...call.row, plural: 'pods/binding' }, call.name, why);
  }
  const status = isObject(pod['status']) ? pod['status'] : {};
  const bound = {
    ...pod,
    spec: { ...spec, nodeName: node },
    status: { ...status, conditions: scheduled(status, timestamp(core.clock)) },
  };
  core.committed(call.row, core.store.put(call.row.storageKey, bound), false);
  const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } as const;
  return { kind: 'status', code: 201, status: success };
}

function nodeOf(call: Call): string {
  const target = parsed(call)['target'];
  const name = isObject(target) ? target['name'] : undefined;
  if (typeof name === 'string' && name !== '') return name;
  throw badRequest('Binding in version "v1" cannot be handled as a Binding: target.name: Required value');
}

function parsed(call: Call): JsonObject {
  try {
    const body: unknown = JSON.parse(Buffer.from(call.body).toString('utf8'));
    if (isObject(body)) return body;
  } catch {
    // Told below, as for a body that is no object.
  }
  throw badRequest('the body of a Binding must be a JSON object');
}

/** The pod's conditions with PodScheduled True. */
function scheduled(status: JsonObject, lastTransitionTime: string): unknown[] {
  const conditions = Array.isArray(status['conditions']) ? (status['conditions'] as unknown[]) : [];
  const others = conditions.filter((each) => !isObject(each) || each['type'] !== 'PodScheduled');
  return [...others, { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime }];
}
