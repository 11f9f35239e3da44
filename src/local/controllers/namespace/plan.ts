import type { Namespace } from '../../objects/index.js';
import { timestamp } from '../../objects/index.js';

/** What deleting a namespace's content came to. */
export interface Cleanup {
  /** Kinds whose discovery failed, with the error. */
  readonly discoveryError?: string;
  /** Deletions that were refused. */
  readonly contentError?: string;
  /** By `plural.group` (`configmaps.`, `deployments.apps`): how many objects are left. */
  readonly remaining: ReadonlyMap<string, number>;
  /** By finalizer: how many of them wait for it. */
  readonly finalizers: ReadonlyMap<string, number>;
}

interface ConditionText {
  readonly type: string;
  readonly bad: boolean;
  readonly reason: string;
  readonly message: string;
}

/** The five conditions of a namespace that is being deleted, in Kubernetes' words (namespace status_condition_utils). */
export function namespaceConditions(
  namespace: Namespace,
  cleanup: Cleanup,
  now: number,
): Record<string, unknown>[] {
  return conditionTexts(cleanup).map(({ type, bad, reason, message }) => {
    const status = bad ? 'True' : 'False';
    const before = namespace.status?.conditions?.find((condition) => condition.type === type);
    const same = before?.status === status && before.reason === reason;
    const lastTransitionTime = same ? before.lastTransitionTime : timestamp(now);
    return { type, status, lastTransitionTime, reason, message };
  });
}

function conditionTexts(cleanup: Cleanup): ConditionText[] {
  const { discoveryError, contentError, remaining, finalizers } = cleanup;
  return [
    {
      type: 'NamespaceDeletionDiscoveryFailure',
      bad: discoveryError !== undefined,
      reason: discoveryError === undefined ? 'ResourcesDiscovered' : 'DiscoveryFailed',
      message: discoveryError ?? 'All resources successfully discovered',
    },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      bad: false,
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    {
      type: 'NamespaceDeletionContentFailure',
      bad: contentError !== undefined,
      reason: contentError === undefined ? 'ContentDeleted' : 'ContentDeletionFailed',
      message:
        contentError === undefined
          ? 'All content successfully deleted, may be waiting on finalization'
          : `Failed to delete all resource types, 1 remaining: ${contentError}`,
    },
    {
      type: 'NamespaceContentRemaining',
      bad: remaining.size > 0,
      reason: remaining.size === 0 ? 'ContentRemoved' : 'SomeResourcesRemain',
      message:
        remaining.size === 0
          ? 'All content successfully removed'
          : `Some resources are remaining: ${listed(remaining, (name, count) => `${name} has ${count} resource instances`)}`,
    },
    {
      type: 'NamespaceFinalizersRemaining',
      bad: finalizers.size > 0,
      reason: finalizers.size === 0 ? 'ContentHasNoFinalizers' : 'SomeFinalizersRemain',
      message:
        finalizers.size === 0
          ? 'All content-preserving finalizers finished'
          : `Some content in the namespace has finalizers remaining: ${listed(finalizers, (name, count) => `${name} in ${count} resource instances`)}`,
    },
  ];
}

function listed(counts: ReadonlyMap<string, number>, print: (name: string, count: number) => string): string {
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => print(name, count))
    .join(', ');
}
