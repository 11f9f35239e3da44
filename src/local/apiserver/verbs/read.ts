import { viewOf } from '../kinds/view.js';
import { notFound, unexpected } from '../status.js';
import { type Answer, type Call, type Core, keyOf } from './call.js';
import { tooLarge } from './listOptions.js';

/** GET of an object, or of its status. */
export function getObject(core: Core, call: Call): Answer {
  const asked = call.query.get('resourceVersion') ?? '';
  if (asked !== '' && !/^\d+$/.test(asked)) {
    const quoted = JSON.stringify(asked);
    throw unexpected(
      `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`,
    );
  }
  if (Number(asked) > core.store.revision) throw tooLarge(Number(asked), core.store.revision);
  const object = core.store.bucket(call.row.storageKey).get(keyOf(call));
  if (object === undefined) throw notFound(call.row, call.name);
  return { kind: 'object', code: 200, object: viewOf(object, call.row), row: call.row };
}
