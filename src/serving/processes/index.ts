export { forkMember, lineToParent } from './childLine.js';
export { Member } from './member.js';
export type { PodProcess, PortName, Question } from './messages.js';
export { ProcessGroup } from './processGroup.js';
