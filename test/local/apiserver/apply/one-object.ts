/** A cluster of one object: what its managers do to it, one after the other. */
import type { KubeObject } from '../../../../src/kube/index.js';
import { serverSideApply, updateManagedFields } from '../../../../src/local/apiserver/apply/index.js';
import type { Schema } from '../../../../src/local/apiserver/schema/index.js';

const TIME = '2021-01-01T00:00:00Z';

export interface Step {
  readonly manager: string;
  readonly force?: boolean;
  readonly time?: string;
}

export class OneObject {
  live: KubeObject | undefined;

  constructor(
    private readonly apiVersion: string,
    private readonly kind: string,
    private readonly schema: Schema | undefined,
  ) {}

  apply(step: Step, rest: object): KubeObject {
    this.live = serverSideApply({
      live: this.live,
      applied: { apiVersion: this.apiVersion, kind: this.kind, metadata: { name: 'a' }, ...rest },
      manager: step.manager,
      force: step.force ?? false,
      schema: this.schema,
      apiVersion: this.apiVersion,
      kind: this.kind,
      subresource: '',
      time: step.time ?? TIME,
    });
    return this.live;
  }

  /** An update: `rest` is all there is after it. */
  write(step: Step, rest: object): KubeObject {
    const { apiVersion, kind } = this;
    const after = { apiVersion, kind, metadata: { name: 'a' }, ...rest } as KubeObject;
    const managedFields = updateManagedFields({
      before: this.live,
      after,
      manager: step.manager,
      subresource: '',
      schema: this.schema,
      apiVersion: this.apiVersion,
      time: step.time ?? TIME,
    });
    this.live = { ...after, metadata: { ...after.metadata, managedFields } };
    return this.live;
  }

  /** What each entry owns, by `manager operation`. */
  owners(): Record<string, unknown> {
    const entries = (this.live?.metadata.managedFields ?? []) as {
      manager: string;
      operation: string;
      fieldsV1: unknown;
    }[];
    return Object.fromEntries(
      entries.map((entry) => [`${entry.manager} ${entry.operation}`, entry.fieldsV1]),
    );
  }
}
