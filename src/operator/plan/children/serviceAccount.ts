import { resourceTypes } from '../../../kube/index.js';
import { type Child, makeChild, type Subject } from './child.js';

/** An identity of its own for the pods, without a token: they never talk to the API server. */
export function serviceAccount(subject: Subject): Child {
  return makeChild(subject, resourceTypes.serviceAccounts, { automountServiceAccountToken: false });
}
