import type { ApiRequest, Lease } from '../../../src/kube/index.js';
import { type Answer, failure, ScriptedTransport } from '../../support/scriptedTransport.js';

/** The part of an API server that keeps one Lease, with optimistic locking. */
export class LeaseServer {
  lease: Lease | undefined;
  #version = 0;

  /** A way to it; each candidate has its own, so that one of them may be cut off. */
  transport(): ScriptedTransport {
    return new ScriptedTransport((request) => this.answer(request));
  }

  answer(request: ApiRequest): Answer {
    if (request.method === 'GET')
      return this.lease === undefined ? failure(404, 'NotFound') : { body: this.lease };
    const sent = JSON.parse(String(request.body)) as Lease;
    if (request.method === 'POST' && this.lease !== undefined) return failure(409, 'AlreadyExists');
    if (request.method === 'PUT' && this.lease === undefined) return failure(404, 'NotFound');
    const known = this.lease?.metadata.resourceVersion;
    if (request.method === 'PUT' && sent.metadata.resourceVersion !== known) return failure(409, 'Conflict');
    const resourceVersion = String(++this.#version);
    this.lease = { ...sent, metadata: { ...sent.metadata, resourceVersion } };
    return { body: this.lease };
  }
}
