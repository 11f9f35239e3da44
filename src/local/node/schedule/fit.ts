import {
  expressionMatches,
  type Node,
  type NodeSelectorTerm,
  type Pod,
  type PodAffinityTerm,
  selectorMatches,
  type Taint,
  type Toleration,
} from '../../objects/index.js';

/** Why a node does not fit, in the scheduler's words; undefined when it does. `pods` are those with a node already. */
export function misfit(pod: Pod, node: Node, pods: readonly Pod[]): string | undefined {
  if (node.spec?.unschedulable === true && !toleratesUnschedulable(pod)) return 'node(s) were unschedulable';
  const taint = (node.spec?.taints ?? []).find((candidate) => !isTolerated(candidate, pod.spec.tolerations));
  if (taint !== undefined) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`;
  if (!matchesNode(pod, node)) return "node(s) didn't match Pod's node affinity/selector";
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {};
  const near = podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  if (!near.every((term) => hasNeighbour(pod, term, node, pods) || selectsItself(pod, term))) {
    return "node(s) didn't match pod affinity rules";
  }
  const apart = podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  if (apart.some((term) => hasNeighbour(pod, term, node, pods))) {
    return "node(s) didn't match pod anti-affinity rules";
  }
  return undefined;
}

function toleratesUnschedulable(pod: Pod): boolean {
  const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
  return isTolerated(taint, pod.spec.tolerations);
}

function isTolerated(taint: Taint, tolerations: readonly Toleration[] = []): boolean {
  if (taint.effect === 'PreferNoSchedule') return true;
  return tolerations.some(({ key = '', operator = 'Equal', value = '', effect = '' }) => {
    if (effect !== '' && effect !== taint.effect) return false;
    if (operator === 'Exists') return key === '' || key === taint.key;
    return key === taint.key && value === (taint.value ?? '');
  });
}

function matchesNode(pod: Pod, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  const wanted = Object.entries(pod.spec.nodeSelector ?? {});
  if (!wanted.every(([key, value]) => labels[key] === value)) return false;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required === undefined) return true;
  return (required.nodeSelectorTerms ?? []).some((term) => termMatches(term, node, labels));
}

/** An empty term matches nothing, as the API says. */
function termMatches(term: NodeSelectorTerm, node: Node, labels: Readonly<Record<string, string>>): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length + matchFields.length === 0) return false;
  const fields = { 'metadata.name': node.metadata.name };
  return (
    matchExpressions.every((expression) => expressionMatches(expression, labels)) &&
    matchFields.every((expression) => expressionMatches(expression, fields))
  );
}

/** Whether a pod the term selects runs in the node's domain. With one node, a label it has is one domain. */
function hasNeighbour(pod: Pod, term: PodAffinityTerm, node: Node, pods: readonly Pod[]): boolean {
  if (node.metadata.labels?.[term.topologyKey] === undefined) return false;
  const namespaces = term.namespaces ?? [pod.metadata.namespace];
  return pods.some(
    (other) =>
      other.spec.nodeName === node.metadata.name &&
      namespaces.includes(other.metadata.namespace) &&
      selectorMatches(term.labelSelector ?? {}, other.metadata.labels),
  );
}

/** The first pod of a group that wants to be together has nobody to join. */
function selectsItself(pod: Pod, term: PodAffinityTerm): boolean {
  return selectorMatches(term.labelSelector ?? {}, pod.metadata.labels);
}
