/**
 * What the naming, establishing and finalizing controllers of an API server write into a definition's status.
 * Source: apiextensions-apiserver/pkg/controller/{status,establish,finalizer}.
 */
import {
  type Condition,
  conditionOf,
  type Definition,
  type DefinitionNames,
  type DefinitionStatus,
  isEstablished,
} from './definition.js';

export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** Names of a group that other definitions hold already. */
interface TakenNames {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

function namesTakenByOthers(definition: Definition, all: readonly Definition[]): TakenNames {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const other of all) {
    if (other.metadata.name === definition.metadata.name || other.spec.group !== definition.spec.group)
      continue;
    const names = other.status?.acceptedNames;
    if (names === undefined) continue;
    for (const name of [names.plural, names.singular, ...(names.shortNames ?? [])]) {
      if (name !== undefined && name !== '') resources.add(name);
    }
    for (const kind of [names.kind, names.listKind]) if (kind !== undefined && kind !== '') kinds.add(kind);
  }
  return { resources, kinds };
}

/** Accepts each name that is free; the last one refused gives the reason, as in the server. */
function acceptNames(
  definition: Definition,
  taken: TakenNames,
): { names: DefinitionNames; conflict: { reason: string; message: string } | undefined } {
  const wanted = definition.spec.names;
  const names: DefinitionNames = definition.status?.acceptedNames ?? { plural: '', kind: '' };
  const accepted: DefinitionNames = { ...names };
  let conflict: { reason: string; message: string } | undefined;
  const refuse = (reason: string, name: string) => {
    conflict = { reason, message: `${JSON.stringify(name)} is already in use` };
  };
  if (taken.resources.has(wanted.plural)) refuse('PluralConflict', wanted.plural);
  else accepted.plural = wanted.plural;
  const { singular, listKind } = wanted;
  if (singular !== undefined) {
    if (taken.resources.has(singular)) refuse('SingularConflict', singular);
    else accepted.singular = singular;
  }
  const shortNames = wanted.shortNames ?? [];
  const takenShortName = shortNames.find((name) => taken.resources.has(name));
  if (takenShortName !== undefined) refuse('ShortNamesConflict', takenShortName);
  else if (shortNames.length > 0) accepted.shortNames = shortNames;
  else delete accepted.shortNames;
  if (taken.kinds.has(wanted.kind)) refuse('KindConflict', wanted.kind);
  else accepted.kind = wanted.kind;
  if (listKind !== undefined) {
    if (taken.kinds.has(listKind)) refuse('ListKindConflict', listKind);
    else accepted.listKind = listKind;
  }
  if (wanted.categories === undefined) delete accepted.categories;
  else accepted.categories = wanted.categories;
  return { names: orderNames(accepted), conflict };
}

function orderNames(names: DefinitionNames): DefinitionNames {
  const { plural, singular, shortNames, kind, listKind, categories } = names;
  return {
    plural,
    ...(singular === undefined ? {} : { singular }),
    ...(shortNames === undefined ? {} : { shortNames }),
    kind,
    ...(listKind === undefined ? {} : { listKind }),
    ...(categories === undefined ? {} : { categories }),
  };
}

/** The conditions with one set; its time moves only when its status does. */
function withCondition(conditions: readonly Condition[], wanted: Condition): Condition[] {
  const old = conditions.find((condition) => condition.type === wanted.type);
  if (old === undefined) return [...conditions, wanted];
  const lastTransitionTime =
    old.status === wanted.status ? old.lastTransitionTime : wanted.lastTransitionTime;
  return conditions.map((condition) => (condition === old ? { ...wanted, lastTransitionTime } : condition));
}

/**
 * The status after names were judged against the other definitions and, when all are accepted, the definition is
 * established. `now` is RFC 3339. Applying it twice changes nothing.
 */
export function settleCrd(definition: Definition, all: readonly Definition[], now: string): DefinitionStatus {
  const { names, conflict } = acceptNames(definition, namesTakenByOthers(definition, all));
  const accepted: Condition = {
    type: 'NamesAccepted',
    status: conflict === undefined ? 'True' : 'False',
    lastTransitionTime: now,
    reason: conflict?.reason ?? 'NoConflicts',
    message: conflict?.message ?? 'no conflicts found',
  };
  let conditions = withCondition(definition.status?.conditions ?? [], accepted);
  if (!isEstablished(definition)) {
    const established: Condition =
      conflict === undefined
        ? {
            type: 'Established',
            status: 'True',
            lastTransitionTime: now,
            reason: 'InitialNamesAccepted',
            message: 'the initial names have been accepted',
          }
        : {
            type: 'Established',
            status: 'False',
            lastTransitionTime: now,
            reason: 'NotAccepted',
            message: 'not all names are accepted',
          };
    conditions = withCondition(conditions, established);
  }
  const approval = approvalCondition(definition, now);
  if (approval !== undefined) conditions = withCondition(conditions, approval);
  return { ...definition.status, conditions, acceptedNames: names };
}

/** Names of Kubernetes' own groups need an approval that is a URL, or one that says `unapproved`. */
function approvalCondition(definition: Definition, now: string): Condition | undefined {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(definition.spec.group)) return undefined;
  const value = definition.metadata.annotations?.['api-approved.kubernetes.io'] ?? '';
  const approved = URL.canParse(value);
  return {
    type: 'KubernetesAPIApprovalPolicyConformant',
    status: approved ? 'True' : 'False',
    lastTransitionTime: now,
    reason: approved ? 'ApprovedAnnotation' : 'UnapprovedAnnotation',
    message: approved ? `approved in ${value}` : `not approved: ${JSON.stringify(value)}`,
  };
}

/** The status of a definition whose objects are to be deleted. */
export function terminatingStatus(
  definition: Definition,
  stage: 'pending' | 'inProgress',
  now: string,
): DefinitionStatus {
  const condition: Condition = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: now,
    reason: stage === 'pending' ? 'InstanceDeletionPending' : 'InstanceDeletionInProgress',
    message:
      stage === 'pending'
        ? 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon'
        : 'CustomResource deletion is in progress',
  };
  return { ...definition.status, conditions: withCondition(definition.status?.conditions ?? [], condition) };
}

export function isTerminating(definition: Definition): boolean {
  return conditionOf(definition, 'Terminating')?.status === 'True';
}
