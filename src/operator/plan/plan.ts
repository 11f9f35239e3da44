import { type ModelDeployment, type ModelDeploymentStatus, validate, withDefaults } from '../../api/index.js';
import { formatProblem } from '../../base/index.js';
import type { KubeObject } from '../../kube/index.js';
import type { OperatorConfig } from '../config.js';
import { subjectOf } from './children/child.js';
import { childrenOf } from './children/children.js';
import { availableAspect, verifiedAspect } from './conditions.js';
import { diagnoseDeployment, diagnosePods } from './diagnosis.js';
import { type Difference, differenceOf, NO_DIFFERENCE } from './difference.js';
import { type Observed, type ObservedDeployment, type ObservedService } from './observed.js';
import { rolloutOf } from './rollout.js';
import { cacheOf, statusOf, urlOf, withVerdict } from './status.js';
import { judge, stalled, type Verdict } from './verdict.js';

export interface Plan {
  readonly difference: Difference;
  readonly status: ModelDeploymentStatus;
}

/** Problems of a spec that are printed in a condition. */
const MAX_PRINTED_PROBLEMS = 5;

/**
 * What to do for a ModelDeployment, given what is observed: the same for the same arguments, and nothing to do once it
 * has been done.
 *
 * @param stored as the API server has it
 * @param nowMs milliseconds since the Unix epoch
 */
export function plan(
  stored: ModelDeployment,
  observed: Observed,
  config: OperatorConfig,
  nowMs: number,
): Plan {
  const refusal = refusalOf(stored);
  if (refusal !== undefined) {
    return { difference: NO_DIFFERENCE, status: withVerdict(stored, stored.status, refusal, nowMs) };
  }
  const declared = withDefaults(stored);
  const subject = subjectOf(declared);
  const children = childrenOf(subject, config);
  const wanted = childOfKind(
    children.map(({ object }) => object),
    'Deployment',
  );
  const existing = [...observed.children.values()];
  const deployment = childOfKind<ObservedDeployment>(existing, 'Deployment');
  const service = childOfKind<ObservedService>(existing, 'Service');
  const rollout = rolloutOf(wanted, deployment, observed.pods);
  const diagnosis =
    diagnosePods(rollout.pods) ??
    (deployment !== undefined && rollout.current ? diagnoseDeployment(deployment) : undefined);
  const verdict = judge(declared, rollout, diagnosis);
  return {
    difference:
      refusal === undefined ? differenceOf(children, observed, verdict.state === 'Ready') : NO_DIFFERENCE,
    status: statusOf({
      declared,
      verdict,
      aspects: [availableAspect(rollout.ready, rollout.wanted), verifiedAspect(declared, rollout, diagnosis)],
      rollout,
      url: urlOf(config.urlTemplate, declared, service),
      cache: cacheOf(declared.spec, config),
      nowMs,
    }),
  };
}

/** The only child of a kind. @typeParam T the shape of the kind's objects */
function childOfKind<T extends KubeObject>(children: readonly KubeObject[], kind: string): T | undefined {
  return children.find((child): child is T => child.kind === kind);
}

/** A spec the CRD of this version would not have let through; the children stay as they are. */
function refusalOf(stored: ModelDeployment): Verdict | undefined {
  const problems = validate(stored);
  if (problems.length === 0) return undefined;
  const printed = problems.slice(0, MAX_PRINTED_PROBLEMS).map(formatProblem).join('. ');
  const more = problems.length - MAX_PRINTED_PROBLEMS;
  return stalled('InvalidSpec', more > 0 ? `${printed}. And ${more} more` : printed);
}
