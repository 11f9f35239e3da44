/** Condition types and their reasons. The descriptions are printed in docs/reference.md. */
export const CONDITIONS = {
  Ready: 'The declared model is served by every wanted pod.',
  Reconciling: 'The operator is at work, or waits for the cluster; nobody needs to act.',
  Stalled: 'Nothing goes on by itself: the message says what to do. Never together with Reconciling.',
  Available: 'At least one pod answers, of this version or of the one before.',
  ModelVerified: "The digest of the model's file is the declared one.",
} as const;

export type ConditionType = keyof typeof CONDITIONS;

export const REASONS = {
  /** Good states. */
  RolloutComplete: 'Every wanted pod runs the declared version and is ready.',
  ScaledToZero: 'No pods are wanted.',
  PodsReady: 'At least one pod is ready.',
  DigestVerified: 'A ready pod has verified the digest.',
  /** On the way. */
  Progressing: 'Pods are being created or replaced.',
  PodsNotReady: 'The rollout is complete, but pods have stopped being ready.',
  PodRestarting: 'A pod has ended and is started again.',
  NoPodReady: 'No pod is ready.',
  NotYetVerified: 'No pod of the declared version has verified the digest yet.',
  Unschedulable: 'No node has room for a pod.',
  QuotaExceeded: 'A quota of the namespace does not allow the pods.',
  PodsRefused: 'The API server refuses the pods.',
  WaitingForDeletion: 'Children of a deleted ModelDeployment of the same name are still there.',
  /** Failures. */
  InvalidSpec: 'The spec breaks a rule; nothing was changed.',
  NameTaken: 'Another object has the name of a child; it is left alone and nothing was changed.',
  ApplyRefused: 'The API server refused a child.',
  DigestMismatch: "The model's file is not the declared one.",
  ModelNotFound: 'The declared version is not where the pods look for it.',
  InvalidModel: "The model's file is not one the pods can load.",
  StartFailed: 'A pod gave another reason why it cannot start.',
  ImagePullFailed: 'The image cannot be pulled.',
  ContainerConfigError: 'A container cannot be made, such as for a missing Secret.',
  OutOfMemory: 'Pods are killed at their memory limit.',
  CrashLoop: 'Pods end over and over.',
  ProgressDeadlineExceeded: 'The rollout made no progress within its deadline.',
} as const;

export type Reason = keyof typeof REASONS;
