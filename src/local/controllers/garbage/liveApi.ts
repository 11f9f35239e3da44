import {
  type Client,
  isNotFound,
  type KubeObject,
  type OwnerReference,
  type ResourceType,
} from '../../../kube/index.js';
import { releasePatch } from '../claim.js';
import type { ResourceMonitors } from '../discovery/monitors.js';
import type { GraphNode, OwnerGraph } from './graph.js';
import { FOREGROUND, type GarbageAction, ORPHAN, type OwnerState } from './plan.js';

/** The garbage collector's questions to the API itself, and its writes. */
export class LiveApi {
  constructor(
    private readonly client: Client,
    private readonly monitors: ResourceMonitors,
    private readonly graph: OwnerGraph,
  ) {}

  /** The object as it is now; undefined when it has gone, or another has its name. */
  async object({ type, object }: GraphNode): Promise<KubeObject | undefined> {
    const { namespace, name, uid } = object.metadata;
    try {
      const live = await this.client.get(type, { namespace, name });
      return live.metadata.uid === uid ? live : undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async ownerStates(object: KubeObject): Promise<Map<string, OwnerState>> {
    const states = new Map<string, OwnerState>();
    if (object.metadata.deletionTimestamp !== undefined) return states;
    for (const reference of object.metadata.ownerReferences ?? []) {
      states.set(reference.uid, await this.ownerState(object, reference));
    }
    return states;
  }

  /** Does everything an action asks for but enqueueing. */
  async carryOut({ type, object }: GraphNode, action: GarbageAction): Promise<void> {
    const { namespace, name, uid = '', resourceVersion = '' } = object.metadata;
    const ref = { namespace, name };
    if (action.kind === 'delete') {
      const preconditions = { uid, resourceVersion };
      await ignoringGone(this.client.delete(type, ref, { propagationPolicy: action.policy, preconditions }));
    } else if (action.kind === 'unreference') {
      const body = releasePatch(object, action.uids);
      await ignoringGone(this.client.patch(type, ref, body, { type: 'merge' }));
    } else if (action.kind === 'removeFinalizer') {
      await this.removeFinalizer(type, object, action.finalizer);
    } else if (action.kind === 'orphan') {
      for (const dependent of action.dependents) await this.letGo(dependent, uid);
      await this.removeFinalizer(type, object, ORPHAN);
    }
  }

  /** An owner the watches show alive needs no question; any other is asked for. */
  private async ownerState(dependent: KubeObject, reference: OwnerReference): Promise<OwnerState> {
    if (this.graph.isAbsent(reference.uid)) return 'gone';
    const known = this.graph.node(reference.uid);
    if (known !== undefined && known.object.metadata.deletionTimestamp === undefined) return 'solid';
    const type = this.monitors.typeOf(reference.apiVersion, reference.kind);
    if (type === undefined) {
      throw new Error(`no kind ${reference.kind} in ${reference.apiVersion}: an owner of it may exist`);
    }
    const namespace = type.namespaced ? dependent.metadata.namespace : undefined;
    try {
      const owner = await this.client.get(type, { namespace, name: reference.name });
      if (owner.metadata.uid !== reference.uid) return 'gone';
      const { deletionTimestamp, finalizers = [] } = owner.metadata;
      return deletionTimestamp !== undefined && finalizers.includes(FOREGROUND) ? 'waiting' : 'solid';
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.graph.noteAbsent(reference.uid);
      return 'gone';
    }
  }

  private async letGo(dependent: KubeObject, ownerUid: string): Promise<void> {
    const node = this.graph.node(dependent.metadata.uid ?? '');
    const live = node === undefined ? undefined : await this.object(node);
    if (node === undefined || live === undefined) return;
    const { namespace, name } = live.metadata;
    const body = releasePatch(live, [ownerUid]);
    await ignoringGone(this.client.patch(node.type, { namespace, name }, body, { type: 'merge' }));
  }

  private async removeFinalizer(type: ResourceType, object: KubeObject, finalizer: string): Promise<void> {
    const { namespace, name, uid, resourceVersion, finalizers = [] } = object.metadata;
    const left = finalizers.filter((each) => each !== finalizer);
    const body = { metadata: { uid, resourceVersion, finalizers: left.length === 0 ? null : left } };
    await ignoringGone(this.client.patch(type, { namespace, name }, body, { type: 'merge' }));
  }
}

async function ignoringGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
