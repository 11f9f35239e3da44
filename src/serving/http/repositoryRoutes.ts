/** The model repository extension over HTTP. Source: Triton's extension_model_repository.md. */
import type { IncomingMessage } from 'node:http';
import type { Client } from '../auth/index.js';
import { type ModelControl, refuseParameters } from '../control/index.js';
import type { ChangeAnswer, ModelOrder } from '../processes/index.js';
import { type Answer, errorAnswer, jsonAnswer } from './reply.js';
import { readSmallBody } from './smallBody.js';

/** A model may take minutes to load, and the connection is silent meanwhile. */
const LONGEST_ORDER_MS = 900_000;

/** The models in the client's scope, those that could be loaded too. Undefined when the client went away. */
export async function answerIndex(
  request: IncomingMessage,
  control: ModelControl,
  client: Client | undefined,
): Promise<Answer | undefined> {
  const body = await readSmallBody(request);
  if (body === undefined) return undefined;
  if (!body.ok) return errorAnswer(body.error);
  const { ready = false } = body.value;
  if (typeof ready !== 'boolean') {
    return errorAnswer({ code: 'InvalidArgument', message: 'must be true or false', place: 'ready' });
  }
  return jsonAnswer(200, await control.indexFor(client, ready));
}

/** Answers when the order was followed by every process. Undefined when the client went away before it was whole. */
export async function answerOrder(
  request: IncomingMessage,
  control: ModelControl,
  order: ModelOrder,
  client: Client | undefined,
): Promise<Answer | undefined> {
  const body = await readSmallBody(request);
  if (body === undefined) return undefined;
  if (!control.enabled) return answerOf(await control.order(order, client));
  if (!body.ok) return errorAnswer(body.error);
  const { parameters = {} } = body.value;
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    return errorAnswer({ code: 'InvalidArgument', message: 'must be an object', place: 'parameters' });
  }
  const refusal = refuseParameters(order.action, parameters as Record<string, unknown>);
  if (refusal !== undefined) return errorAnswer(refusal);
  request.socket.setTimeout(LONGEST_ORDER_MS);
  return answerOf(await control.order(order, client));
}

function answerOf(done: ChangeAnswer): Answer {
  return done.ok ? jsonAnswer(200, {}) : errorAnswer(done.error);
}
