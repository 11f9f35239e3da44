import { methodNotAllowed, methodNotSupported, noSuchResource, notFound } from '../status.js';
import type { Answer, Call, Core } from './call.js';
import { bindPod } from './binding.js';
import { evictPod } from './eviction.js';
import { readLog } from './podLog.js';
import { patchObject } from './patch.js';
import { getObject } from './read.js';
import { answerScale } from './scale.js';
import { updateObject } from './update.js';

/** A request for `…/NAME/SUBRESOURCE`. */
export function answerSubresource(core: Core, call: Call, verb: string): Answer | Promise<Answer> {
  const { row, subresource } = call;
  if (subresource === 'status' && row.status) return answerStatus(core, call, verb);
  if (subresource === 'scale' && row.scale !== undefined) return answerScale(core, call, verb, row.scale);
  const other = row.otherSubresources.find(({ name }) => name === subresource);
  if (other === undefined) throw row.custom === undefined ? noSuchResource() : notFound(row, call.name);
  if (!(other.verbs as readonly string[]).includes(verb)) throw methodNotAllowed();
  if (row.plural === 'pods' && subresource === 'log') return readLog(core, call);
  if (row.plural === 'pods' && subresource === 'binding') return bindPod(core, call);
  if (row.plural === 'pods' && subresource === 'eviction') return evictPod(core, call);
  if (row.plural === 'namespaces' && subresource === 'finalize') return updateObject(core, call);
  throw noSuchResource();
}

function answerStatus(core: Core, call: Call, verb: string): Answer {
  const { row } = call;
  switch (verb) {
    case 'get':
      return getObject(core, call);
    case 'update':
      return updateObject(core, call);
    case 'patch':
      return patchObject(core, call);
    default:
      throw row.custom === undefined ? methodNotAllowed() : methodNotSupported(row, verb);
  }
}
