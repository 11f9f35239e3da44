export { forkMember, lineToParent } from './childLine.js';
export { Member } from './member.js';
export type {
  ChangeStep,
  ChangeAnswer,
  FirstServer,
  LedPod,
  MemberServer,
  ModelOrder,
  Pod,
  PodProcess,
  PodQuestion,
  PodShare,
  PortName,
  Question,
} from './messages.js';
export { ProcessGroup } from './processGroup.js';
