/** The review kinds: questions a client asks by creating an object that is answered and not stored. */
import type { KubeObject } from '../../../kube/index.js';
import { isObject } from '../json.js';
import { isMaster } from '../server/user.js';
import { type Answer, type Call, type Core, timestamp } from './call.js';
import { decodeObject } from './decode.js';
import { targetOf } from './target.js';
import { parseWriteOptions } from './requestOptions.js';

export function review(core: Core, call: Call): Answer {
  const options = parseWriteOptions(call.query, 'CreateOptions', call.userAgent);
  const sent = decodeObject(call, targetOf(call.row), core.kinds, options.fieldValidation);
  const metadata = {} as KubeObject['metadata'];
  if (call.row.kind === 'SelfSubjectReview') metadata.creationTimestamp = timestamp(core.clock);
  const object: KubeObject = { ...sent, metadata, status: statusOf(call, sent) };
  return { kind: 'object', code: 201, object, row: call.row };
}

function statusOf(call: Call, sent: KubeObject): unknown {
  const { user } = call;
  const userInfo = { username: user.name, groups: user.groups };
  switch (call.row.kind) {
    case 'SelfSubjectReview':
      return { userInfo };
    case 'SelfSubjectAccessReview':
      return { allowed: isMaster(user) };
    case 'SelfSubjectRulesReview':
      return rulesOf(isMaster(user));
    case 'TokenReview':
      return { user: {}, error: 'invalid bearer token' };
    default:
      return { allowed: mastersAsked(sent) };
  }
}

function mastersAsked(sent: KubeObject): boolean {
  const spec = sent['spec'];
  const groups = isObject(spec) && Array.isArray(spec['groups']) ? (spec['groups'] as unknown[]) : [];
  return groups.includes('system:masters');
}

function rulesOf(master: boolean): unknown {
  const everything = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }];
  const everyPath = [{ verbs: ['*'], nonResourceURLs: ['*'] }];
  return {
    resourceRules: master ? everything : [],
    nonResourceRules: master ? everyPath : [],
    incomplete: false,
  };
}
