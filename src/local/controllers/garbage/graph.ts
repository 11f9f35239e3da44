import type { KubeObject, ResourceType } from '../../../kube/index.js';

export interface GraphNode {
  readonly type: ResourceType;
  readonly object: KubeObject;
}

/** Owners known to be gone that are remembered, as in Kubernetes. */
const MAX_ABSENT = 500;

/** Who exists and who refers to whom, by uid. */
export class OwnerGraph {
  private readonly nodes = new Map<string, GraphNode>();
  private readonly dependents = new Map<string, Set<string>>();
  private readonly absent = new Set<string>();

  node(uid: string): GraphNode | undefined {
    return this.nodes.get(uid);
  }

  dependentsOf(uid: string): GraphNode[] {
    const uids = [...(this.dependents.get(uid) ?? [])];
    return uids.map((dependent) => this.nodes.get(dependent)).filter((node) => node !== undefined);
  }

  put(type: ResourceType, object: KubeObject): void {
    const uid = object.metadata.uid ?? '';
    this.unlink(uid);
    this.absent.delete(uid);
    this.nodes.set(uid, { type, object });
    for (const reference of object.metadata.ownerReferences ?? []) {
      const known = this.dependents.get(reference.uid) ?? new Set<string>();
      this.dependents.set(reference.uid, known.add(uid));
    }
  }

  remove(uid: string): void {
    this.unlink(uid);
    this.nodes.delete(uid);
    this.noteAbsent(uid);
  }

  /** A uid is never given twice: what is gone once is gone for good. */
  isAbsent(uid: string): boolean {
    return this.absent.has(uid);
  }

  noteAbsent(uid: string): void {
    this.absent.add(uid);
    const [oldest] = this.absent;
    if (this.absent.size > MAX_ABSENT && oldest !== undefined) this.absent.delete(oldest);
  }

  private unlink(uid: string): void {
    for (const reference of this.nodes.get(uid)?.object.metadata.ownerReferences ?? []) {
      const known = this.dependents.get(reference.uid);
      known?.delete(uid);
      if (known?.size === 0) this.dependents.delete(reference.uid);
    }
  }
}
